import type { Arena } from './arena.ts'
import { writeText, writeUint32 } from './bytes.ts'

/** Where a sealed value lies. `table` is the plaintext table's name. */
export interface Place {
  readonly workspaceId: string
  readonly table: string
  readonly rowId: string
  readonly column: string
}

export const envelopeVersion = 1
export const xchacha20Poly1305 = 1

/**
 * Writes a value's AAD: the parts `sealbook`, version, algorithm, workspace, table, row id, column
 * and key version, each behind its length as 4 bytes big-endian. Values come row by row and
 * table by table, so what the last one has in common with the next stays where it is.
 */
export class PlaceWriter {
  #arena: Arena | undefined
  #workspaceId = ''
  #table = ''
  #rowId = ''
  #tableEnd = 0
  #rowEnd = 0

  /**
   * Writes into libsodium's memory, `heap`, inside the arena.
   * @returns the AAD's length, or -1 when it would reach past `end`.
   */
  write(
    arena: Arena,
    heap: Uint8Array,
    start: number,
    end: number,
    place: Place,
    keyVersion: number,
  ): number {
    const { workspaceId, table, rowId } = place
    if (this.#arena !== arena || this.#workspaceId !== workspaceId || this.#table !== table) {
      this.#arena = undefined
      let at = writePart(heap, start, end, 'sealbook')
      at = writeBytePart(heap, at, end, envelopeVersion)
      at = writeBytePart(heap, at, end, xchacha20Poly1305)
      at = writePart(heap, at, end, workspaceId)
      at = writePart(heap, at, end, table)
      if (at < 0) return -1
      this.#arena = arena
      this.#workspaceId = workspaceId
      this.#table = table
      this.#tableEnd = at
      this.#rowEnd = -1
    }
    if (this.#rowEnd < 0 || this.#rowId !== rowId) {
      this.#rowId = rowId
      this.#rowEnd = writePart(heap, this.#tableEnd, end, rowId)
    }
    const at = writePart(heap, this.#rowEnd, end, place.column)
    if (at < 0 || at + 8 > end) return -1
    writeUint32(heap, at, 4)
    writeUint32(heap, at + 4, keyVersion)
    return at + 8 - start
  }
}

/** @returns where the part ends, or -1 when it does not fit or an earlier one did not. */
function writePart(bytes: Uint8Array, at: number, end: number, part: string): number {
  if (at < 0 || at + 4 > end) return -1
  const length = writeText(bytes, at + 4, end, part)
  if (length < 0) return -1
  writeUint32(bytes, at, length)
  return at + 4 + length
}

function writeBytePart(bytes: Uint8Array, at: number, end: number, part: number): number {
  if (at < 0 || at + 5 > end) return -1
  writeUint32(bytes, at, 1)
  bytes[at + 4] = part
  return at + 5
}
