import { twinColumnNames, type Entity } from './entity.ts'

/*
 * What a device and the server compare a twin by. The server computes the same in SQL
 * (apps/server/src/features/compare/digest-sql.ts); tests on both sides hold them together.
 */

/** A cell of a twin as it is stored. */
export type TwinCell = string | number | null

/** The columns of a twin that a digest covers, in the order in which it covers them. */
export function digestColumns(entity: Entity): readonly string[] {
  return [...twinColumnNames(entity), 'id'].sort()
}

/**
 * A slice is the rows of a table whose ids end with the same two hex digits: the first digits of an
 * id tell its time, the last ones are random, so slices are of one size, and 256 of them are few
 * enough to compare at once. Any text has a slice: a faulty device may hold ids that are no UUIDs.
 */
export function sliceOf(id: string): string {
  return id.slice(-2)
}

/** Orders rows as a digest takes them: by slice, then id. */
export function inDigestOrder(a: { readonly id: string }, b: { readonly id: string }): number {
  return sliceOf(a.id) + a.id < sliceOf(b.id) + b.id ? -1 : 1
}

/**
 * A row's canonical text: `!`, then `name=bytes:value;` for each column that is not null. A column
 * that one side does not know is null there, and a length in front of each value keeps two
 * different rows from having one text.
 */
function canonicalRow(
  columns: readonly string[],
  row: Readonly<Record<string, TwinCell | undefined>>,
): string {
  let text = '!'
  for (const name of columns) {
    const value = row[name]
    if (value === null || value === undefined) continue
    const cell = String(value)
    text += `${name}=${byteLength(cell)}:${cell};`
  }
  return text
}

/** What one side says of a slice that has rows. */
export interface SliceDigest {
  readonly slice: string
  readonly rows: number
  /** SHA-256 in hex over the rows' canonical texts, in the order of their ids. */
  readonly digest: string
}

/** Digests a table from its rows, given `inDigestOrder`; holds one slice at a time. */
export class TableDigester {
  readonly #columns: readonly string[]
  readonly #done: Promise<SliceDigest>[] = []
  #slice = ''
  #rows = 0
  #text = ''

  constructor(columns: readonly string[]) {
    this.#columns = columns
  }

  add(row: Readonly<Record<string, TwinCell | undefined>> & { readonly id: string }): void {
    if (sliceOf(row.id) !== this.#slice) this.#endSlice(sliceOf(row.id))
    this.#rows++
    this.#text += canonicalRow(this.#columns, row)
  }

  async finish(): Promise<SliceDigest[]> {
    this.#endSlice('')
    return Promise.all(this.#done)
  }

  #endSlice(next: string): void {
    const slice = this.#slice
    const rows = this.#rows
    if (rows > 0) {
      this.#done.push(sha256Hex(this.#text).then((digest) => ({ slice, rows, digest })))
    }
    this.#slice = next
    this.#rows = 0
    this.#text = ''
  }
}

/** One digest for a whole table, from its slices in their order. */
export async function tableDigest(digests: readonly SliceDigest[]): Promise<string> {
  return sha256Hex(digests.map(({ slice, digest }) => `${slice} ${digest}\n`).join(''))
}

const encoder = new TextEncoder()
const beyondAscii = /[^\0-\x7f]/

function byteLength(text: string): number {
  return beyondAscii.test(text) ? encoder.encode(text).length : text.length
}

async function sha256Hex(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
