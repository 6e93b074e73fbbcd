import type pg from 'pg'
import { InconsistentStateError } from '../store/source-rows.ts'
import type { StoredTable } from '../store/state.ts'
import type { RowChange, SourceTable } from '../store/writer.ts'
import { readPublishedTables, resolveColumns } from './catalog.ts'
import { hasSameTables } from './resume.ts'
import type { PgoutputMessage, RelationMessage, Tuple, TupleValue } from './pgoutput.ts'

/** Which tables the rules want, and what the snapshot covered. */
export interface RelationContext {
  readonly client: pg.ClientBase
  readonly publication: string
  readonly matches: (table: { schema: string; name: string }) => boolean
  readonly tables: readonly StoredTable[]
}

/** The tables of the log, by relation id; null for a table that the rules do not name. */
export class Relations {
  readonly #context: RelationContext
  readonly #byId = new Map<number, { table: SourceTable; keyIndexes: readonly number[] } | null>()

  constructor(context: RelationContext) {
    this.#context = context
  }

  /**
   * Learns a table's present columns.
   * @throws InconsistentStateError when the snapshot did not cover this table with this key.
   */
  async learn(message: RelationMessage): Promise<void> {
    if (!this.#context.matches(message)) {
      this.#byId.set(message.relationId, null)
      return
    }
    await this.check()
    const stored = this.#context.tables.find((table) => table.relationId === message.relationId)
    const key = keyColumns(message, stored)
    if (!stored || !isSameList(stored.keyColumns, key)) {
      throw new InconsistentStateError(`Table ${message.name} or its key is new`)
    }
    const columns = await resolveColumns(this.#context.client, message.columns)
    const keyIndexes = key.map((name) => columns.findIndex((column) => column.name === name))
    const table = { ...stored, schema: message.schema, name: message.name, columns }
    this.#byId.set(message.relationId, { table, keyIndexes })
  }

  /**
   * A table that has left the publication, come back or been made anew has rows that the log
   * never showed.
   * @throws InconsistentStateError when the tables are not those of the snapshot any more.
   */
  async check(): Promise<void> {
    const { client, publication, matches, tables } = this.#context
    const published = await readPublishedTables(client, publication)
    if (!hasSameTables(published.filter(matches), tables)) {
      throw new InconsistentStateError('The published tables or their keys have changed')
    }
  }

  table(relationId: number): SourceTable | null {
    return this.#relation(relationId)?.table ?? null
  }

  /** The changes that a message stands for; none for a table that is not synced. */
  changes(
    message: Extract<PgoutputMessage, { kind: 'insert' | 'update' | 'delete' }>,
  ): RowChange[] {
    const relation = this.#relation(message.relationId)
    if (!relation) return []
    const { table, keyIndexes } = relation
    if (message.kind === 'delete') {
      return [{ table, key: rowKey(message.before, keyIndexes), after: null }]
    }
    const before = message.kind === 'update' ? message.before : null
    const previousKey = before && rowKey(before, keyIndexes)
    const key = rowKey(completeKey(message.after, before), keyIndexes)
    const after = namedValues(table, message.after)
    if (previousKey === null || previousKey === key) return [{ table, key, after }]
    return [
      { table, key, after, previousKey },
      { table, key: previousKey, after: null },
    ]
  }

  #relation(relationId: number) {
    const relation = this.#byId.get(relationId)
    if (relation === undefined) throw new Error(`Relation ${relationId} was never described`)
    return relation
  }
}

/** With a full identity the log marks every column as key, where the table's own is narrower. */
function keyColumns(message: RelationMessage, stored: StoredTable | undefined): readonly string[] {
  if (message.replicaIdentity === 'f') return stored?.keyColumns ?? []
  return message.columns.filter((column) => column.isKey).map((column) => column.name)
}

/** Identifies a row within its table. */
export function rowKey(values: Tuple, keyIndexes: readonly number[]): string {
  if (keyIndexes.length === 1) return values[keyIndexes[0] ?? 0] ?? ''
  return JSON.stringify(keyIndexes.map((index) => values[index] ?? null))
}

/** A TOASTed key column that did not change is left out of the new row. */
function completeKey(after: Tuple, before: Tuple | null): Tuple {
  return before ? after.map((value, index) => (value === undefined ? before[index] : value)) : after
}

function namedValues(table: SourceTable, values: Tuple): Map<string, TupleValue> {
  return new Map(table.columns.map(({ name }, index) => [name, values[index]]))
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
