import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'

/** An operation of a data line: https://docs.powersync.com, "protocol". */
export interface Op {
  readonly op_id: string
  readonly op: 'PUT' | 'REMOVE' | 'MOVE' | 'CLEAR'
  readonly object_type?: string | undefined
  readonly object_id?: string | undefined
  readonly subkey?: string | undefined
  /** JSON text of the row. */
  readonly data?: string | null | undefined
  readonly checksum: number
}

/** An operation that a liar makes up: its number and its checksum are given to it. */
export type MadeUpOp = Omit<Op, 'op_id' | 'checksum'>

/** Cells of a sealed row, as the stream carries them. */
export type SealedRow = Readonly<Record<string, string | number | null>>

/** What is sent instead of `op`, whose row is `row`; undefined: the operation itself. */
export type OpLie = (
  op: Op,
  row: SealedRow | null,
  told: StreamTeller,
) => readonly MadeUpOp[] | undefined

/** What is sent instead of a line that carries no operations. */
export type LineLie = (line: Readonly<Record<string, unknown>>) => readonly unknown[] | undefined

interface Told {
  readonly op: Op
  readonly row: SealedRow
}

export function isStream(path: string): boolean {
  return path.endsWith('/sync/stream')
}

/** Repeats the lines of one device's sync streams, and what is made of them. */
export class StreamTeller {
  readonly #told = new Map<string, Told[]>()

  /** Every version of a row that the server sent, the oldest first. */
  versions(table: string, id: string): readonly SealedRow[] {
    return (this.#told.get(`${table}/${id}`) ?? []).map(({ row }) => row)
  }

  /** Rows of a table that the server sent, as they were last. */
  ids(table: string): string[] {
    const prefix = `${table}/`
    return [...this.#told.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
  }

  /** A PUT of a known row that takes the place of its last one. */
  put(table: string, id: string, row: SealedRow): MadeUpOp {
    return { ...this.#keyOf(table, id), op: 'PUT', data: JSON.stringify(row) }
  }

  remove(table: string, id: string): MadeUpOp {
    return { ...this.#keyOf(table, id), op: 'REMOVE', data: null }
  }

  #keyOf(table: string, id: string) {
    const last = this.#told.get(`${table}/${id}`)?.at(-1)
    if (last === undefined) throw new Error(`the stream never told of ${table}/${id}`)
    const { object_type, object_id, subkey } = last.op
    return { object_type, object_id, subkey }
  }

  async *tell(
    answer: IncomingMessage,
    lies: () => { readonly op?: OpLie; readonly line?: LineLie },
  ): AsyncGenerator<string> {
    for await (const text of createInterface({ input: answer, crlfDelay: Infinity })) {
      if (text === '') continue
      const line = JSON.parse(text) as Record<string, unknown>
      if (!('data' in line)) {
        for (const each of lies().line?.(line) ?? [line]) yield `${JSON.stringify(each)}\n`
        continue
      }
      const head = line['data'] as { data: Op[] }
      const ops = head.data.flatMap((op) => this.#tellOp(op, lies().op))
      yield `${JSON.stringify({ data: { ...head, data: ops } })}\n`
    }
  }

  /**
   * The client adds up the checksums that it is told and never hashes a row itself: the first of the
   * made-up operations gets the true one's, the others none, and the sum of the bucket is right.
   */
  #tellOp(op: Op, lie: OpLie | undefined): Op[] {
    const row = op.op === 'PUT' && typeof op.data === 'string' ? parseRow(op.data) : null
    if (row !== null) {
      const key = `${op.object_type}/${op.object_id}`
      this.#told.set(key, [...(this.#told.get(key) ?? []), { op, row }])
    }
    const made = lie?.(op, row, this)
    if (made === undefined) return [op]
    if (made.length === 0) return [{ op_id: op.op_id, op: 'MOVE', checksum: op.checksum }]
    return made.map((each, index) => ({
      ...each,
      op_id: op.op_id,
      checksum: index === 0 ? op.checksum : 0,
    }))
  }
}

function parseRow(data: string): SealedRow {
  return JSON.parse(data) as SealedRow
}
