import pg from 'pg'
import type { Pulse } from '../operations/pulse.ts'
import { quoteName } from '../store/schema.ts'
import { type RowChange, sliceSize, type SourceTable, type StoreWriter } from '../store/writer.ts'
import type { PublishedTable } from './catalog.ts'
import { type Lsn, parseLsn } from './lsn.ts'
import { rowKey } from './relations.ts'
import { sessionSettings } from './values.ts'

/** A new replication slot, and a view of the database exactly as of its start. */
export interface NewSlot {
  readonly startLsn: Lsn
  readonly snapshotName: string
  /** Ends the connection that holds the snapshot. */
  release(): Promise<void>
}

/** How many rows are stored before the store transaction is committed. */
const commitEveryRows = 20_000

export async function createSlot(databaseUrl: string, slotName: string): Promise<NewSlot> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    replication: 'database',
  } as pg.ClientConfig)
  client.on('error', () => undefined) // the next query on the database tells
  await client.connect()
  const { rows } = await client.query<{ consistent_point: string; snapshot_name: string }>(
    `CREATE_REPLICATION_SLOT ${quoteName(slotName)} LOGICAL pgoutput EXPORT_SNAPSHOT`,
  )
  const row = rows[0]
  if (!row) throw new Error('Postgres made no replication slot')
  return {
    startLsn: parseLsn(row.consistent_point),
    snapshotName: row.snapshot_name,
    release: () => client.end(),
  }
}

/** Stores every row of the tables as the slot's snapshot shows them. */
export async function copyTables(
  { databaseUrl, pulse }: { readonly databaseUrl: string; readonly pulse: Pulse },
  slot: NewSlot,
  tables: readonly { table: SourceTable; published: PublishedTable }[],
  writer: StoreWriter,
  stopped: AbortSignal,
): Promise<{ rows: number }> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: sessionSettings,
    types: { getTypeParser: () => (text: string) => text },
  })
  client.on('error', () => undefined) // the failing query rejects
  await client.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(slot.snapshotName)}`)
    let rows = 0
    let uncommitted = 0
    for (const { table, published } of tables) {
      for await (const changes of readTable(client, table, published)) {
        stopped.throwIfAborted()
        await writer.apply(changes)
        pulse.beat()
        rows += changes.length
        uncommitted += changes.length
        if (uncommitted < commitEveryRows) continue
        await writer.commit(slot.startLsn)
        uncommitted = 0
      }
    }
    if (writer.isOpen) await writer.commit(slot.startLsn)
    return { rows }
  } finally {
    await client.end()
  }
}

async function* readTable(
  client: pg.Client,
  table: SourceTable,
  published: PublishedTable,
): AsyncGenerator<RowChange[]> {
  const names = table.columns.map(({ name }) => name)
  const keyIndexes = table.keyColumns.map((name) => names.indexOf(name))
  const filter = published.rowFilter ? ` WHERE ${published.rowFilter}` : ''
  await client.query(
    `DECLARE snapshot_rows NO SCROLL CURSOR FOR SELECT ${names.map(quoteName).join(', ')}
       FROM ${quoteName(published.schema)}.${quoteName(published.name)}${filter}`,
  )
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `FETCH ${sliceSize} FROM snapshot_rows`,
      rowMode: 'array',
    })
    if (rows.length === 0) break
    yield rows.map((values) => ({
      table,
      key: rowKey(values, keyIndexes),
      after: new Map(names.map((name, index) => [name, values[index] ?? null])),
    }))
  }
  await client.query('CLOSE snapshot_rows')
}
