import {
  computeRowSeal,
  nonceBytes,
  openValue,
  sealValue,
  verifyRowSeal,
  type FieldValue,
  type OpenError,
  type Result,
  type RowKeys,
  type RowSealError,
  type WorkspaceKeys,
} from '@sealbook/crypto'
import { twinOnlyColumns } from '@sealbook/schema'
import type { RowShape } from './shapes.ts'

/** A cell of a plaintext row. A sealed integer is a bigint, a visible one a safe number. */
export type LocalValue = null | string | number | bigint
export type LocalValues = Readonly<Record<string, LocalValue>>
/** A cell of a twin. */
export type TwinValue = null | string | number
export type TwinValues = Readonly<Record<string, TwinValue>>

/** Which version of a row it is, and who made it: null where an older client did. */
export interface Revision {
  readonly revision: number
  readonly authorId: string | null
}

export interface SealedTwin extends Revision {
  /** Cells in the order of the shape's columns. */
  readonly cells: readonly TwinValue[]
  readonly seal: string
}

export interface OpenedRow extends Revision {
  readonly values: LocalValues
  readonly seal: string
  /** What the seal covers and this client does not know: columns of a newer one. */
  readonly extra: TwinValues | null
}

/** Why a row of a twin is not opened. All are expected; none is a bug. */
export type RowError = OpenError | RowSealError

/**
 * Seals one row.
 * @param nonces 24 bytes for each sealed column, never used before.
 * @param extra columns of a newer client that stay on the server's row.
 * @throws on a value that a column cannot hold.
 */
export function sealRow(
  shape: RowShape,
  keys: RowKeys,
  id: string,
  values: LocalValues,
  { revision, authorId }: Revision,
  nonces: Uint8Array,
  extra: TwinValues | null = null,
): SealedTwin {
  const { workspaceId } = keys
  const covered: Record<string, TwinValue> = { ...extra, author_id: authorId }
  const cells: TwinValue[] = []
  let nonce = 0
  for (const { name, sealedAs, sealsNull } of shape.columns) {
    const value = values[name] ?? null
    let cell: TwinValue
    if (sealedAs === null || (value === null && !sealsNull)) {
      cell = visibleCell(value)
    } else {
      const place = { workspaceId, table: shape.table, rowId: id, column: name }
      const fresh = nonces.subarray(nonce, (nonce += nonceBytes))
      cell = sealValue(keys, place, sealedAs, value as FieldValue, fresh)
    }
    covered[name] = cell
    cells.push(cell)
  }
  const row = { workspaceId, table: shape.table, id, revision, columns: covered }
  return { cells, revision, authorId, seal: computeRowSeal(keys, row) }
}

/** Opens one row, if its seal proves every column, its revision and its place. */
export function openRow(
  shape: RowShape,
  keys: WorkspaceKeys,
  id: string,
  stored: Readonly<Record<string, unknown>>,
): Result<OpenedRow, RowError> {
  const twin = stored as TwinValues
  const revision = stored['revision'] as number
  const seal = stored['seal'] as string
  const { workspaceId } = keys
  const row = { workspaceId, table: shape.table, id, revision, columns: twin }
  let extra = unknownColumns(shape, twin)
  let verified = verifyRowSeal(keys, row, seal)
  if (!verified.ok && verified.error.kind === 'not-authentic' && extra !== null) {
    // Columns that only the server keeps: nobody sealed them and nobody here reads them.
    extra = null
    verified = verifyRowSeal(keys, { ...row, columns: knownColumns(shape, twin) }, seal)
  }
  if (!verified.ok) return verified
  const values: Record<string, LocalValue> = {}
  for (const { name, sealedAs } of shape.columns) {
    const cell = twin[name] ?? null
    if (sealedAs === null || cell === null) {
      values[name] = cell
      continue
    }
    const place = { workspaceId, table: shape.table, rowId: id, column: name }
    const opened = openValue(keys, place, sealedAs, cell as string)
    if (!opened.ok) return opened
    values[name] = opened.value
  }
  const authorId = (twin['author_id'] ?? null) as string | null
  return { ok: true, value: { values, revision, authorId, seal, extra } }
}

/** JSON text of a plaintext row as it stands under its view; integers keep every digit. */
export function encodeLocalRow(shape: Pick<RowShape, 'columns'>, values: LocalValues): string {
  const members = shape.columns.map(
    ({ name, jsonKey }) => jsonKey + encodeCell(values[name] ?? null),
  )
  return `{${members.join(',')}}`
}

/** What JSON writes as it stands: no quote, backslash or control character, and no surrogate. */
const plainText = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/** As `JSON.stringify`, which takes twice as long for short texts. */
function encodeCell(value: LocalValue): string {
  if (typeof value !== 'string') return String(value)
  return plainText.test(value) ? `"${value}"` : JSON.stringify(value)
}

function visibleCell(value: LocalValue): TwinValue {
  if (typeof value === 'bigint') throw new RangeError('a visible integer is a safe one')
  return value
}

const twinOnly: ReadonlySet<string> = new Set(['id', ...twinOnlyColumns])

function unknownColumns(shape: RowShape, twin: TwinValues): TwinValues | null {
  let unknown: Record<string, TwinValue> | null = null
  for (const name in twin) {
    const value = twin[name] ?? null
    if (value === null || shape.columnNames.has(name) || twinOnly.has(name)) continue
    unknown ??= {}
    unknown[name] = value
  }
  return unknown
}

function knownColumns(shape: RowShape, twin: TwinValues): TwinValues {
  return Object.fromEntries(shape.twinNames.map((name) => [name, twin[name] ?? null]))
}
