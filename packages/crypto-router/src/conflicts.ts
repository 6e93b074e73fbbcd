import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { EntityTable } from '@sealbook/schema'
import { shapeOf, type RowShape } from './shapes.ts'
import { quoteName, selectCount, selectRows, type SqlTransaction } from './sql.ts'

/** The same row changed here, not sealed yet, and elsewhere. Both versions are plaintext. */
export interface RowConflict {
  readonly conflictId: number
  readonly table: string
  readonly id: string
  readonly workspaceId: string | null
  /**
   * JSON text of the person's own columns, or null where the row was deleted here. Its integers
   * have up to 19 digits: read amounts with SQLite or as text, not with JSON.parse.
   */
  readonly mine: string | null
  /** The same of the version from elsewhere, which is what the table shows now. */
  readonly theirs: string | null
  readonly at: number
}

export async function readConflicts(db: AbstractPowerSyncDatabase): Promise<RowConflict[]> {
  const rows = await selectRows(
    db,
    `SELECT seq, tbl, id, workspace_id, mine, theirs, at FROM router_conflicts ORDER BY seq DESC`,
  )
  return rows.map(([conflictId, table, id, workspaceId, mine, theirs, at]) => ({
    conflictId: Number(conflictId),
    table: String(table),
    id: String(id),
    workspaceId: workspaceId === null ? null : String(workspaceId),
    mine: mine === null ? null : String(mine),
    theirs: theirs === null ? null : String(theirs),
    at: Number(at),
  }))
}

export async function countConflicts(db: Pick<SqlTransaction, 'executeRaw'>): Promise<number> {
  return selectCount(db, 'SELECT count(*) FROM router_conflicts')
}

/**
 * Settles the newest conflict of a row. `mine` writes the person's version as a new local change
 * on top of the other one; `theirs` leaves the table as it is. Without a conflict nothing happens.
 */
export async function resolveConflict(
  db: AbstractPowerSyncDatabase,
  table: EntityTable,
  id: string,
  choice: 'mine' | 'theirs',
): Promise<void> {
  await db.writeTransaction(async (tx) => {
    const [conflict] = await selectRows(
      tx,
      `SELECT seq, mine FROM router_conflicts WHERE tbl = ? AND id = ? ORDER BY seq DESC LIMIT 1`,
      [table, id],
    )
    if (conflict === undefined) return
    const [seq, mine] = conflict
    if (choice === 'mine') await writeMine(tx, shapeOf(table), id, mine as string | null)
    await tx.execute('DELETE FROM router_conflicts WHERE seq = ?', [seq ?? null])
  })
}

/** Through the view and not muted: it is a local change like any other. */
async function writeMine(
  tx: SqlTransaction,
  shape: RowShape,
  id: string,
  mine: string | null,
): Promise<void> {
  const view = quoteName(shape.table)
  if (mine === null) {
    await tx.execute(`DELETE FROM ${view} WHERE id = ?`, [id])
    return
  }
  const names = shape.columns.map(({ name }) => quoteName(name))
  const values = shape.columns.map(({ name }) => `json_extract(m.value, '$.${name}')`)
  const exists = await selectCount(tx, `SELECT count(*) FROM ${view} WHERE id = ?`, [id])
  await tx.execute(
    exists > 0
      ? `UPDATE ${view} SET ${names.map((name, i) => `${name} = ${values[i]}`).join(', ')}
          FROM (SELECT ? AS value) AS m WHERE ${view}.id = ?`
      : `INSERT INTO ${view}(${names.join(', ')}, id)
          SELECT ${values.join(', ')}, ? FROM (SELECT ? AS value) AS m`,
    exists > 0 ? [mine, id] : [id, mine],
  )
}

/** Both versions of one row that was changed on both sides. */
export interface Clash {
  readonly id: string
  readonly workspaceId: string | null
  readonly mine: string | null
  readonly theirs: string | null
}

export async function recordClashes(
  tx: SqlTransaction,
  table: string,
  clashes: readonly Clash[],
  at: number,
): Promise<void> {
  if (clashes.length === 0) return
  const rows = clashes.map((clash) => [clash.id, clash.workspaceId, clash.mine, clash.theirs])
  await tx.execute(
    `INSERT INTO router_conflicts(tbl, id, workspace_id, mine, theirs, at)
      SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, ? FROM json_each(?)`,
    [table, at, JSON.stringify(rows)],
  )
}
