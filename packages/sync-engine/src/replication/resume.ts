import type pg from 'pg'
import type { EngineState, StoredTable } from '../store/state.ts'
import type { PublishedTable } from './catalog.ts'
import { parseLsn } from './lsn.ts'

/** Why what is stored cannot be continued. All are expected; each leads to a new snapshot. */
export type NoResume =
  | 'nothing-stored'
  | 'snapshot-unfinished'
  | 'rules-changed'
  | 'tables-changed'
  | 'other-cluster'
  | 'slot-lost'
  | 'slot-ahead'
  | 'log-behind'

interface SlotRow {
  wal_status: string | null
  confirmed: string | null
  head: string
}

/** Checks that the log still has everything after the stored position; null: it has. */
export async function findObstacle(
  client: pg.ClientBase,
  state: EngineState | null,
  current: {
    rulesHash: string
    cluster: string
    tables: readonly PublishedTable[]
    storedTables: readonly StoredTable[]
  },
): Promise<NoResume | null> {
  if (!state) return 'nothing-stored'
  if (!state.snapshotDone) return 'snapshot-unfinished'
  if (state.rulesHash !== current.rulesHash) return 'rules-changed'
  if (state.cluster !== current.cluster) return 'other-cluster'
  if (!hasSameTables(current.tables, current.storedTables)) return 'tables-changed'
  const { rows } = await client.query<SlotRow>(
    `SELECT wal_status, confirmed_flush_lsn::text AS confirmed,
            pg_current_wal_flush_lsn()::text AS head
       FROM pg_replication_slots
      WHERE slot_name = $1 AND database = current_database() AND plugin = 'pgoutput'`,
    [state.slotName],
  )
  const slot = rows[0]
  if (!slot || slot.wal_status === 'lost' || slot.confirmed === null) return 'slot-lost'
  if (parseLsn(slot.confirmed) > state.appliedLsn) return 'slot-ahead'
  return state.appliedLsn > parseLsn(slot.head) ? 'log-behind' : null
}

/** Are these the tables, published without a break and with the same keys, that are stored? */
export function hasSameTables(
  now: readonly PublishedTable[],
  stored: readonly StoredTable[],
): boolean {
  const describe = (table: StoredTable | PublishedTable) =>
    JSON.stringify([table.relationId, table.membership, table.keyColumns])
  const known = new Set(stored.map(describe))
  return now.length === known.size && now.every((table) => known.has(describe(table)))
}

/**
 * Which cluster this is, and on which timeline. A standby that took over and a cluster restored
 * from its archive have another timeline; files that were merely copied back have the same.
 */
export async function readCluster(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS id
       FROM pg_control_system()`,
  )
  return rows[0]?.id ?? ''
}
