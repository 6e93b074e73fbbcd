import type pg from 'pg'
import { formatLsn, type Lsn, parseLsn } from '../replication/lsn.ts'
import { createStoreSql, quoteName, storeFormat } from './schema.ts'

/** Up to where the stored buckets are true, and of which source. */
export interface EngineState {
  /** Prefix of bucket names; a new snapshot has a new one. */
  readonly generation: number
  readonly rulesHash: string
  readonly slotName: string
  /** Which Postgres cluster, and which of its timelines, the log positions belong to. */
  readonly cluster: string
  readonly snapshotDone: boolean
  readonly lastOpId: bigint
  /** Every transaction that ends at or before it is in the buckets. */
  readonly appliedLsn: Lsn
  /** The highest number of a write checkpoint that was given out. */
  readonly checkpointFloor: bigint
}

/** A replicated table as it was when the snapshot was taken. */
export interface StoredTable {
  readonly id: number
  readonly relationId: number
  /** Its entry in the publication. */
  readonly membership: string
  readonly schema: string
  readonly name: string
  readonly keyColumns: readonly string[]
}

interface StateRow {
  format: number
  generation: string
  rules_hash: string
  slot_name: string
  cluster: string
  snapshot_done: boolean
  last_op_id: string
  applied_lsn: string
  checkpoint_floor: string
}

/** The stored state, or null when there is none that this version can use. */
export async function readState(
  client: pg.ClientBase,
  schemaName: string,
): Promise<EngineState | null> {
  const table = `${quoteName(schemaName)}.engine_state`
  const exists = await client.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [table])
  if (exists.rowCount === 0) return null
  const format = await client.query<{ format: number }>(`SELECT format FROM ${table}`)
  if (format.rows[0]?.format !== storeFormat) return null
  const { rows } = await client.query<StateRow>(`SELECT * FROM ${table}`)
  const row = rows[0]
  if (!row) return null
  return {
    generation: Number(row.generation),
    rulesHash: row.rules_hash,
    slotName: row.slot_name,
    cluster: row.cluster,
    snapshotDone: row.snapshot_done,
    lastOpId: BigInt(row.last_op_id),
    appliedLsn: parseLsn(row.applied_lsn),
    checkpointFloor: BigInt(row.checkpoint_floor),
  }
}

/** Throws away everything stored and records a snapshot in the making. */
export async function startStore(
  client: pg.ClientBase,
  schemaName: string,
  state: EngineState,
  tables: readonly StoredTable[],
): Promise<void> {
  const s = quoteName(schemaName)
  await client.query('BEGIN')
  // IF NOT EXISTS would need the right to create it even when somebody else did already.
  const { rows } = await client.query<{ exists: boolean }>(
    'SELECT to_regnamespace($1) IS NOT NULL AS exists',
    [s],
  )
  if (!rows[0]?.exists) await client.query(`CREATE SCHEMA ${s}`)
  await client.query(createStoreSql(schemaName))
  await client.query(
    `INSERT INTO ${s}.engine_state VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      storeFormat,
      state.generation,
      state.rulesHash,
      state.slotName,
      state.cluster,
      state.snapshotDone,
      state.lastOpId,
      formatLsn(state.appliedLsn),
      state.checkpointFloor,
    ],
  )
  for (const table of tables) {
    await client.query(`INSERT INTO ${s}.source_tables VALUES ($1, $2, $3, $4, $5, $6)`, [
      table.id,
      table.relationId,
      table.membership,
      table.schema,
      table.name,
      table.keyColumns,
    ])
  }
  await client.query('COMMIT')
}

export async function readStoredTables(
  client: pg.ClientBase,
  schemaName: string,
): Promise<StoredTable[]> {
  const { rows } = await client.query<{
    id: number
    relation_id: string
    membership: string
    schema_name: string
    table_name: string
    key_columns: string[]
  }>(`SELECT * FROM ${quoteName(schemaName)}.source_tables ORDER BY id`)
  return rows.map((row) => ({
    id: row.id,
    relationId: Number(row.relation_id),
    membership: row.membership,
    schema: row.schema_name,
    name: row.table_name,
    keyColumns: row.key_columns,
  }))
}

/** Makes the next start take a new snapshot, because what is stored cannot be right. */
export async function condemnState(client: pg.ClientBase, schemaName: string): Promise<void> {
  await client.query('ROLLBACK')
  await client.query(`UPDATE ${quoteName(schemaName)}.engine_state SET snapshot_done = false`)
}
