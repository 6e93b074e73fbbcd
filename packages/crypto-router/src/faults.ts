import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { RowError } from './rows.ts'
import { selectRows, type SqlTransaction } from './sql.ts'

/**
 * `locked`: no keys for its workspace yet. `stale-key`: it names a key, or a version of the format,
 * that this device does not have. Nothing has proved that name: a newer app may have written it, or
 * somebody on the way, so it is no reason to look for an update. `tampered`: it does not prove to be what a member
 * sealed there, or is older than what was accepted. `unsealable`: a local row that no column
 * format holds, which only a bug writes. `unruly`: it opens soundly, and breaks the app's rules.
 */
export type RowFaultState = 'locked' | 'stale-key' | 'tampered' | 'unsealable' | 'unruly'

/**
 * A row that is not what it should be. Unless it is unruly, it is never exported, overwritten or
 * uploaded as it stands.
 */
export interface RowFault {
  /** Plaintext table's name. */
  readonly table: string
  readonly id: string
  readonly workspaceId: string | null
  readonly state: RowFaultState
  /**
   * Stable word for diagnostics, for instance `not-authentic` or `rolled-back`. Of an unruly row the
   * columns that break a rule, with spaces between them.
   */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly seenAt: number
  /** A local change of this row is kept and waits until the row is sound again. */
  readonly localChangeWaits: boolean
}

/** Every row in a faulty state, newest finding first. */
export async function readRowFaults(db: AbstractPowerSyncDatabase): Promise<RowFault[]> {
  const rows = await selectRows(
    db,
    `SELECT f.tbl, f.id, f.workspace_id, f.state, f.reason, f.seen_at, o.id IS NOT NULL
        FROM router_faults AS f LEFT JOIN router_out AS o ON o.tbl = f.tbl AND o.id = f.id
      UNION ALL SELECT tbl, id, workspace_id, 'unsealable', 'unsealable', 0, 1
        FROM router_out WHERE wait = 'unsealable'
      UNION ALL SELECT tbl, id, workspace_id, 'unruly', columns, seen_at, 0 FROM router_unruly
      ORDER BY 6 DESC, 1, 2`,
  )
  return rows.map(([table, id, workspaceId, state, reason, seenAt, waits]) => ({
    table: String(table),
    id: String(id),
    workspaceId: workspaceId === null ? null : String(workspaceId),
    state: state as RowFaultState,
    reason: String(reason),
    seenAt: Number(seenAt),
    localChangeWaits: Number(waits) === 1,
  }))
}

/** A finding about a twin's row, as it is stored. */
export interface Finding {
  readonly id: string
  readonly workspaceId: string | null
  readonly state: Exclude<RowFaultState, 'unsealable' | 'unruly'>
  readonly reason: string
}

export function findingOf(id: string, workspaceId: string, error: RowError): Finding {
  const reason = error.kind
  switch (error.kind) {
    case 'missing-dek':
    case 'unsupported-version':
    case 'unsupported-algorithm':
      return { id, workspaceId, state: 'stale-key', reason }
    case 'malformed':
    case 'not-authentic':
    case 'wrong-type':
    case 'malformed-plaintext':
      return { id, workspaceId, state: 'tampered', reason }
  }
}

export async function recordFindings(
  tx: SqlTransaction,
  table: string,
  findings: readonly Finding[],
  seenAt: number,
): Promise<void> {
  if (findings.length === 0) return
  const rows = findings.map((f) => [f.id, f.workspaceId, f.state, f.reason])
  await tx.execute(
    `INSERT INTO router_faults(tbl, id, workspace_id, state, reason, seen_at)
      SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, ? FROM json_each(?) WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET workspace_id = excluded.workspace_id,
        state = excluded.state, reason = excluded.reason, seen_at = excluded.seen_at`,
    [table, seenAt, JSON.stringify(rows)],
  )
}

/** The rows are sound again, or gone. */
export async function clearFindings(
  tx: SqlTransaction,
  table: string,
  ids: readonly string[],
): Promise<void> {
  await tx.execute(
    `DELETE FROM router_faults WHERE tbl = ? AND id IN (SELECT value FROM json_each(?))`,
    [table, JSON.stringify(ids)],
  )
}
