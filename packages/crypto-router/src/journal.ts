import { isHeldByBrake } from './brake.ts'
import type { RowShape } from './shapes.ts'
import { localStore } from './layout.ts'
import { groupByShape, shapeOf } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction, type SqlValue } from './sql.ts'
import { upsertRank } from './triggers.ts'

/** A row that is to be looked at, whatever happened to it. */
export interface Note {
  readonly table: string
  readonly id: string
}

/** Why a local row is not sealed now, or a twin's not opened. */
export type OutWait = 'locked' | 'unsealable'
export type InWait = 'locked' | 'stale-key'

/**
 * Local changes that can be sealed now: parents first, deletes last and children first. A row that
 * is noted on the other side too is left to opening, which merges; one whose twin does not verify
 * stays noted until it does, one that the server refused to change until its row is here, and one
 * that the server lost, or has otherwise than it should, until the person has decided.
 */
export async function nextOutNotes(
  tx: SqlTransaction,
  limit: number,
): Promise<[RowShape, Note[]][]> {
  const rows = await selectRows(
    tx,
    `SELECT o.tbl, o.id FROM router_out AS o WHERE o.wait IS NULL AND o.held IS NULL
      AND NOT EXISTS (SELECT 1 FROM router_in AS i WHERE i.tbl = o.tbl AND i.id = o.id)
      AND NOT EXISTS (SELECT 1 FROM router_faults AS f WHERE f.tbl = o.tbl AND f.id = o.id)
      AND NOT EXISTS (SELECT 1 FROM router_owed AS w WHERE w.tbl = o.tbl AND w.id = o.id
        AND w.state <> 'receipt' AND w.settled_at IS NULL)
      AND NOT ${isHeldByBrake}
      ORDER BY o.rank, o.seq LIMIT ?`,
    [limit],
  )
  return groupByShape(rows.map(([table, id]) => ({ table: String(table), id: String(id) })))
}

/** The first table, parents first, that has changed twins that can be opened now. */
export async function nextInTable(tx: SqlTransaction): Promise<InTable | null> {
  const [row] = await selectRows(
    tx,
    `SELECT tbl, EXISTS (SELECT 1 FROM router_faults AS f WHERE f.tbl = router_in.tbl)
        OR EXISTS (SELECT 1 FROM router_unruly AS u WHERE u.tbl = router_in.tbl),
        EXISTS (SELECT 1 FROM router_owed AS w WHERE w.tbl = router_in.tbl)
      FROM router_in WHERE wait IS NULL ORDER BY rank LIMIT 1`,
  )
  if (row === undefined) return null
  return { shape: shapeOf(String(row[0])), hasFaults: row[1] === 1, hasOwed: row[2] === 1 }
}

/** A table with notes of changed twins, and whether others of its rows are noted as well. */
export interface InTable {
  readonly shape: RowShape
  readonly hasFaults: boolean
  readonly hasOwed: boolean
}

/** Has a twin opened again, or followed where it is gone. */
export async function noteTwin(tx: SqlTransaction, shape: RowShape, id: string): Promise<void> {
  await tx.execute(
    `INSERT INTO router_in(tbl, id, rank) VALUES (?, ?, ?)
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table, id, shape.rank],
  )
}

/** Has a plaintext row sealed again, as if it had been changed just now. */
export async function noteLocalRow(tx: SqlTransaction, shape: RowShape, id: string): Promise<void> {
  await tx.execute(
    `INSERT INTO router_out(tbl, id, rank)
      SELECT ?, l.id, ${upsertRank(shape, 'l')} FROM ${quoteName(localStore(shape))} AS l WHERE l.id = ?
      ON CONFLICT(tbl, id) DO UPDATE SET rank = excluded.rank, wait = NULL`,
    [shape.table, id],
  )
}

/** Takes notes off a journal: their rows are done. */
export async function removeNotes(
  tx: SqlTransaction,
  journal: 'router_out' | 'router_in',
  table: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(
    `DELETE FROM ${journal} WHERE tbl = ? AND id IN (SELECT value FROM json_each(?))`,
    [table, JSON.stringify(ids)],
  )
}

/** Puts notes aside until `releaseNotes` or another change of the row. */
export async function setNotesAside(
  tx: SqlTransaction,
  journal: 'router_out' | 'router_in',
  table: string,
  waiting: readonly (readonly [id: string, wait: OutWait | InWait, workspaceId: string | null])[],
): Promise<void> {
  if (waiting.length === 0) return
  await tx.execute(
    `UPDATE ${journal} SET wait = j.value ->> 1, workspace_id = j.value ->> 2
      FROM json_each(?) AS j WHERE tbl = ? AND ${journal}.id = j.value ->> 0`,
    [JSON.stringify(waiting), table],
  )
}

/** Workspaces of which rows wait for keys, on either side. */
export async function waitingWorkspaces(tx: SqlTransaction): Promise<string[]> {
  const rows = await selectRows(
    tx,
    `SELECT workspace_id FROM router_in WHERE wait IS NOT NULL AND workspace_id IS NOT NULL
      UNION SELECT workspace_id FROM router_out WHERE wait IS NOT NULL AND workspace_id IS NOT NULL`,
  )
  return rows.map(([workspaceId]) => String(workspaceId))
}

/** Makes a workspace's notes that wait for one of these reasons workable again. */
export async function releaseNotes(
  tx: SqlTransaction,
  workspaceId: string,
  waits: readonly InWait[],
): Promise<void> {
  const parameters: SqlValue[] = [workspaceId, JSON.stringify(waits)]
  for (const journal of ['router_in', 'router_out']) {
    await tx.execute(
      `UPDATE ${journal} SET wait = NULL
        WHERE wait IS NOT NULL AND workspace_id = ? AND wait IN (SELECT value FROM json_each(?))`,
      parameters,
    )
  }
}

/** Rows that the journals hold, waiting ones included, and rows that are not what they should be. */
export interface RouterProgress {
  /** Local changes that are not sealed yet. */
  readonly pendingSeal: number
  /** Received rows that are not opened yet. */
  readonly pendingOpen: number
  /** Rows that `readRowFaults` tells of. */
  readonly faulty: number
}

/** What is still to do, for the interface. */
export async function readRouterProgress(
  tx: Pick<SqlTransaction, 'executeRaw'>,
): Promise<RouterProgress> {
  const [counts] = await selectRows(
    tx,
    `SELECT (SELECT count(*) FROM router_out), (SELECT count(*) FROM router_in),
      (SELECT count(*) FROM router_faults) + (SELECT count(*) FROM router_unruly)
        + (SELECT count(*) FROM router_out WHERE wait = 'unsealable')`,
  )
  const [pendingSeal, pendingOpen, faulty] = (counts ?? []).map(Number)
  return { pendingSeal: pendingSeal ?? 0, pendingOpen: pendingOpen ?? 0, faulty: faulty ?? 0 }
}
