import type pg from 'pg'
import type { TupleValue } from '../replication/pgoutput.ts'
import type { SourceColumn } from '../replication/catalog.ts'
import type { ParameterLookup, SourceRow } from '../rules.ts'
import { quoteName } from './schema.ts'

/** Where a source row's last version went: a bucket, and there a type and an id. */
export interface Output {
  readonly bucketId: number
  readonly type: string
  readonly id: string
  /** The operation that put it there. */
  readonly opId: bigint
}

/** What the engine remembers of one source row. */
export interface StoredRow {
  /** Values that an update may leave out when they are TOASTed, by column name. */
  readonly keptValues: Readonly<Record<string, string>>
  readonly outputs: readonly Output[]
  readonly lookups: readonly ParameterLookup[]
}

export interface RowId {
  readonly tableId: number
  readonly key: string
}

export function rowIdText({ tableId, key }: RowId): string {
  return `${tableId}/${key}`
}

/** Stored state does not explain what the log says: only a new snapshot can mend it. */
export class InconsistentStateError extends Error {
  override readonly name = 'InconsistentStateError'
}

/** Fills in the values that the log left out because they are TOASTed and did not change. */
export function completeRow(
  values: ReadonlyMap<string, TupleValue>,
  previous: StoredRow | undefined,
): SourceRow {
  const row = new Map<string, string | null>()
  for (const [name, value] of values) {
    const known = value === undefined ? previous?.keptValues[name] : value
    if (known === undefined) throw new InconsistentStateError(`No stored value for column ${name}`)
    row.set(name, known)
  }
  return row
}

export function valuesToKeep(
  columns: readonly SourceColumn[],
  row: SourceRow,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const { name, isVariableLength } of columns) {
    const value = row.get(name)
    if (isVariableLength && typeof value === 'string') kept[name] = value
  }
  return kept
}

interface RowColumns {
  table_id: number
  row_key: string
  kept_values: string
  outputs: string
  lookups: string
}

/** The tables `source_rows` and `parameter_lookups`. */
export class SourceRowStore {
  readonly #client: pg.ClientBase
  readonly #rows: string
  readonly #lookups: string

  constructor(client: pg.ClientBase, schemaName: string) {
    this.#client = client
    this.#rows = `${quoteName(schemaName)}.source_rows`
    this.#lookups = `${quoteName(schemaName)}.parameter_lookups`
  }

  async read(ids: readonly RowId[]): Promise<Map<string, StoredRow>> {
    const { rows } = await this.#client.query<RowColumns>({
      name: 'read-source-rows',
      text: `SELECT r.* FROM ${this.#rows} r
               JOIN unnest($1::int[], $2::text[]) AS wanted (table_id, row_key)
                 ON r.table_id = wanted.table_id AND r.row_key = wanted.row_key`,
      values: [ids.map((id) => id.tableId), ids.map((id) => id.key)],
    })
    return new Map(
      rows.map((row) => [rowIdText({ tableId: row.table_id, key: row.row_key }), parseRow(row)]),
    )
  }

  /** Keys of a table's rows in a fixed order, so that a replay gives the same operations. */
  async keysAfter(tableId: number, after: string | null, limit: number): Promise<string[]> {
    const { rows } = await this.#client.query<{ row_key: string }>(
      `SELECT row_key FROM ${this.#rows}
        WHERE table_id = $1 AND ($2::text IS NULL OR row_key > $2) ORDER BY row_key LIMIT $3`,
      [tableId, after, limit],
    )
    return rows.map((row) => row.row_key)
  }

  async write(entries: readonly { id: RowId; row: StoredRow }[]): Promise<void> {
    if (entries.length === 0) return
    await this.#client.query({
      name: 'write-source-rows',
      text: `INSERT INTO ${this.#rows}
             SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[])
             ON CONFLICT (table_id, row_key) DO UPDATE SET kept_values = excluded.kept_values,
               outputs = excluded.outputs, lookups = excluded.lookups`,
      values: [
        entries.map(({ id }) => id.tableId),
        entries.map(({ id }) => id.key),
        entries.map(({ row }) => JSON.stringify(row.keptValues)),
        entries.map(({ row }) => JSON.stringify(row.outputs.map(packOutput))),
        entries.map(({ row }) => JSON.stringify(row.lookups.map(packLookup))),
      ],
    })
  }

  /** Changes where the rows are said to have gone. */
  async replaceOutputs(ids: readonly RowId[], replace: (output: Output) => Output): Promise<void> {
    const rows = await this.read([...new Map(ids.map((id) => [rowIdText(id), id])).values()])
    const entries = ids.map((id) => {
      const row = rows.get(rowIdText(id))
      if (!row) throw new InconsistentStateError('An operation stands for no row')
      return [rowIdText(id), { id, row: { ...row, outputs: row.outputs.map(replace) } }] as const
    })
    await this.write([...new Map(entries).values()])
  }

  async remove(ids: readonly RowId[]): Promise<void> {
    if (ids.length === 0) return
    await this.#client.query({
      name: 'remove-source-rows',
      text: `DELETE FROM ${this.#rows} r USING unnest($1::int[], $2::text[]) AS gone (table_id, row_key)
              WHERE r.table_id = gone.table_id AND r.row_key = gone.row_key`,
      values: [ids.map((id) => id.tableId), ids.map((id) => id.key)],
    })
  }

  async replaceLookups(
    entries: readonly { id: RowId; lookups: readonly ParameterLookup[] }[],
  ): Promise<void> {
    if (entries.length === 0) return
    await this.#client.query({
      name: 'remove-lookups',
      text: `DELETE FROM ${this.#lookups} l
              USING unnest($1::int[], $2::text[]) AS gone (table_id, row_key)
              WHERE l.table_id = gone.table_id AND l.row_key = gone.row_key`,
      values: [entries.map(({ id }) => id.tableId), entries.map(({ id }) => id.key)],
    })
    const rows = entries.flatMap(({ id, lookups }) =>
      lookups.map((lookup, position) => ({ id, position, ...lookup })),
    )
    if (rows.length === 0) return
    await this.#client.query({
      name: 'write-lookups',
      text: `INSERT INTO ${this.#lookups}
             SELECT * FROM unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::text[])`,
      values: [
        rows.map(({ id }) => id.tableId),
        rows.map(({ id }) => id.key),
        rows.map((row) => row.position),
        rows.map((row) => row.lookup),
        rows.map((row) => row.parameters),
      ],
    })
  }
}

type PackedOutput = [bucketId: number, type: string, id: string, opId: string]
type PackedLookup = [lookup: string, parameters: string]

function packOutput({ bucketId, type, id, opId }: Output): PackedOutput {
  return [bucketId, type, id, String(opId)]
}

function packLookup({ lookup, parameters }: ParameterLookup): PackedLookup {
  return [lookup, parameters]
}

function parseRow(row: RowColumns): StoredRow {
  return {
    keptValues: JSON.parse(row.kept_values) as Record<string, string>,
    outputs: (JSON.parse(row.outputs) as PackedOutput[]).map(([bucketId, type, id, opId]) => ({
      bucketId,
      type,
      id,
      opId: BigInt(opId),
    })),
    lookups: (JSON.parse(row.lookups) as PackedLookup[]).map(([lookup, parameters]) => ({
      lookup,
      parameters,
    })),
  }
}
