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

interface SlotRow {
  wal_status: string | null
  confirmed: string | null
}

/** Checks that the log still has everything after the stored position; null: it has. */
export async function findObstacle(
  client: pg.ClientBase,
  state: EngineState | null,
  current: {
    rulesHash: string
    systemIdentifier: string
    tables: readonly PublishedTable[]
    storedTables: readonly StoredTable[]
  },
): Promise<NoResume | null> {
  if (!state) return 'nothing-stored'
  if (!state.snapshotDone) return 'snapshot-unfinished'
  if (state.rulesHash !== current.rulesHash) return 'rules-changed'
  if (state.systemIdentifier !== current.systemIdentifier) return 'other-cluster'
  if (!hasSameTables(current.tables, current.storedTables)) return 'tables-changed'
  const { rows } = await client.query<SlotRow>(
    `SELECT wal_status, confirmed_flush_lsn::text AS confirmed FROM pg_replication_slots
      WHERE slot_name = $1 AND database = current_database() AND plugin = 'pgoutput'`,
    [state.slotName],
  )
  const slot = rows[0]
  if (!slot || slot.wal_status === 'lost' || slot.confirmed === null) return 'slot-lost'
  return parseLsn(slot.confirmed) > state.appliedLsn ? 'slot-ahead' : null
}

function hasSameTables(now: readonly PublishedTable[], stored: readonly StoredTable[]): boolean {
  const describe = (table: { relationId: number; keyColumns: readonly string[] }) =>
    JSON.stringify([table.relationId, table.keyColumns])
  const known = new Set(stored.map(describe))
  return now.length === known.size && now.every((table) => known.has(describe(table)))
}

/** Which cluster this is; a restored copy of the files has the same. */
export async function readSystemIdentifier(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  )
  return rows[0]?.id ?? ''
}
