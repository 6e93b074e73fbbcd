import { reserveArena } from './arena.ts'
import { decodeBase64url } from './base64url.ts'
import { equalBytes, readUint32, writeSafeInteger, writeText, writeUint32 } from './bytes.ts'
import type { RowKeys, WorkspaceKeys } from './data-keys.ts'
import { failure, success, type Result } from './result.ts'
import { compiledSodium } from './sodium.ts'

/** One whole row of a twin, as it is stored. */
export interface SealedRow {
  readonly workspaceId: string
  /** Plaintext table's name. */
  readonly table: string
  readonly id: string
  readonly revision: number
  /**
   * Visible columns and envelopes. `id`, `workspace_id`, `revision` and `seal` may be among them
   * and are not looked at: the fields above stand for them.
   */
  readonly columns: Readonly<Record<string, string | number | null>>
}

/** Why a row is not what its author sealed. All are expected; none is a bug. */
export type RowSealError =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'unsupported-version'; readonly version: number }
  | { readonly kind: 'missing-dek'; readonly keyVersion: number }
  | { readonly kind: 'not-authentic' } // any column, the revision or the place differs

/**
 * base64url( version 1 | key version 4 | MAC 32 ): keyed BLAKE2b-256 over the whole row. A column
 * that is null is left out, so that a column added later changes no older row's seal.
 * @throws on a number that is not a safe integer: a caller's bug.
 */
export function computeRowSeal(keys: RowKeys, row: SealedRow): string {
  if (keys.workspaceId !== row.workspaceId) throw new Error('keys of another workspace')
  const start = macRow(keys, row)
  if (start < 0) throw new TypeError('a row holds texts, safe integers and nulls')
  const { base, encode } = reserveArena(0)
  const heap = compiledSodium().HEAPU8
  heap[base + sealStart] = rowSealVersion
  writeUint32(heap, base + sealStart + 1, keys.keyVersion)
  return encode(heap, base + sealStart, base + sealStart + rowSealBytes)
}

/** Checks that the row is exactly what a holder of the keys sealed at this revision. */
export function verifyRowSeal(
  keys: WorkspaceKeys,
  row: SealedRow,
  seal: string,
): Result<void, RowSealError> {
  const bytes =
    typeof seal === 'string' && seal.length === sealLength ? decodeBase64url(seal) : undefined
  if (bytes === undefined) return failure({ kind: 'malformed' })
  const version = bytes[0] ?? 0
  if (version !== rowSealVersion) return failure({ kind: 'unsupported-version', version })
  const keyVersion = readUint32(bytes, 1)
  const rowKeys = keys.byVersion.get(keyVersion)
  if (rowKeys === undefined) return failure({ kind: 'missing-dek', keyVersion })
  const mac = macRow(rowKeys, row)
  if (mac < 0) return failure({ kind: 'malformed' })
  const heap = compiledSodium().HEAPU8
  const authentic = equalBytes(heap.subarray(mac, mac + macBytes), bytes.subarray(macStart))
  return authentic ? success(undefined) : failure({ kind: 'not-authentic' })
}

const rowSealVersion = 1
const macStart = 5
const macBytes = 32
const rowSealBytes = macStart + macBytes
const sealLength = Math.ceil((rowSealBytes * 4) / 3)
const integerTag = 1
const textTag = 3
const partOverhead = 4

// The arena: key, seal, message. Above the AAD that envelopes keep in place between calls.
const keyStart = 4_096
const sealStart = keyStart + 32
const messageStart = keyStart + 128

const separateFields = new Set(['id', 'workspace_id', 'revision', 'seal'])

/** @returns the address of the MAC, or -1 when the row holds what a row cannot hold. */
function macRow(keys: RowKeys, row: SealedRow): number {
  const names = coveredColumns(row)
  const { base } = reserveArena(messageStart + messageCapacity(row, names))
  const sodium = compiledSodium()
  const heap = sodium.HEAPU8
  const start = base + messageStart
  const end = writeMessage(heap, start, row, names, keys.keyVersion)
  if (end < 0) return -1
  heap.set(keys.rowSeals, base + keyStart)
  const mac = base + sealStart + macStart
  sodium._crypto_generichash(mac, macBytes, start, end - start, 0, base + keyStart, 32)
  return mac
}

/** Rows come in runs that have the same columns: a run is sorted once. */
let lastNames: readonly string[] = []
let lastSorted: readonly string[] = []

/** Names of the columns that are not null, in their order. */
function coveredColumns(row: SealedRow): readonly string[] {
  const names: string[] = []
  let isOther = false
  for (const name in row.columns) {
    const value: unknown = row.columns[name]
    if (value === null || value === undefined || separateFields.has(name)) continue
    isOther ||= lastNames[names.length] !== name
    names.push(name)
  }
  if (isOther || names.length !== lastNames.length) {
    lastNames = names
    lastSorted = [...names].sort()
  }
  return lastSorted
}

function writeMessage(
  heap: Uint8Array,
  start: number,
  row: SealedRow,
  names: readonly string[],
  keyVersion: number,
): number {
  if (!Number.isSafeInteger(row.revision)) return -1
  let at = writePart(heap, start, 'sealbook row')
  writeUint32(heap, at, 1)
  heap[at + partOverhead] = rowSealVersion
  writeUint32(heap, at + 5, 4)
  writeUint32(heap, at + 9, keyVersion)
  at = writePart(heap, at + 13, row.workspaceId)
  at = writePart(heap, at, row.table)
  at = writePart(heap, at, row.id)
  writeUint32(heap, at, 8)
  writeSafeInteger(heap, at + 4, row.revision)
  at += 12
  for (const name of names) {
    at = writeCell(heap, writePart(heap, at, name), row.columns[name])
    if (at < 0) return -1
  }
  return at
}

/** A cell: length, tag, then text in UTF-8 or 8 bytes of a big-endian integer. */
function writeCell(heap: Uint8Array, at: number, value: unknown): number {
  const payload = at + partOverhead + 1
  if (typeof value === 'string') {
    const length = writeText(heap, payload, payload + value.length * 3, value)
    writeUint32(heap, at, length + 1)
    heap[at + partOverhead] = textTag
    return payload + length
  }
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return -1
  writeUint32(heap, at, 9)
  heap[at + partOverhead] = integerTag
  writeSafeInteger(heap, payload, value)
  return payload + 8
}

function writePart(heap: Uint8Array, at: number, text: string): number {
  const length = writeText(heap, at + partOverhead, at + partOverhead + text.length * 3, text)
  writeUint32(heap, at, length)
  return at + partOverhead + length
}

function messageCapacity(row: SealedRow, names: readonly string[]): number {
  let characters = row.workspaceId.length + row.table.length + row.id.length
  for (const name of names) {
    const value = row.columns[name]
    characters += name.length + (typeof value === 'string' ? value.length : 8)
  }
  const parts = 8 + 2 * names.length
  return characters * 3 + parts * (partOverhead + 8)
}
