import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { membershipsTable } from '@sealbook/schema/powersync'
import { localStore, twinStore } from './layout.ts'
import { shapes, type RowShape } from './shapes.ts'
import { quoteName, selectCount, type SqlTransaction } from './sql.ts'

/**
 * Whether the database holds, or ever sealed or received, anything but unsealed rows of
 * `exceptWorkspaceId`: then it has a past.
 */
export async function hasPastRows(
  db: AbstractPowerSyncDatabase,
  exceptWorkspaceId: string | null,
): Promise<boolean> {
  return db.readLock(async (tx) => {
    const places = [...everSealed, ...shapes.map((shape) => quoteName(twinStore(shape)))]
    for (const place of places) {
      if ((await selectCount(tx, `SELECT EXISTS (SELECT 1 FROM ${place})`)) > 0) return true
    }
    for (const shape of shapes) {
      const sql = `SELECT EXISTS (SELECT 1 FROM ${quoteName(localStore(shape))}
        WHERE data ->> '$.workspace_id' IS NOT ?)`
      if ((await selectCount(tx, sql, [exceptWorkspaceId])) > 0) return true
    }
    return false
  })
}

/**
 * Takes back the rows of a workspace that was being created and did not come to be, without their
 * deletes passing for the person's own. Where anything of it was ever sealed, queued or received it
 * is a workspace, and all of it stays: `false`.
 */
export async function discardUnsealed(
  db: AbstractPowerSyncDatabase,
  workspaceId: string,
): Promise<boolean> {
  return db.writeTransaction(async (tx) => {
    if (await wasEverSealed(tx, workspaceId)) return false
    await tx.execute('UPDATE router_control SET mute = 1')
    for (const shape of shapes) {
      const rows = rowsOf(shape)
      await tx.execute(`DELETE FROM router_out WHERE tbl = ? AND id IN (SELECT id FROM ${rows})`, [
        shape.table,
        workspaceId,
      ])
      await tx.execute(`DELETE FROM ${rows}`, [workspaceId])
    }
    await tx.execute('UPDATE router_control SET mute = 0')
    return true
  })
}

async function wasEverSealed(tx: SqlTransaction, workspaceId: string): Promise<boolean> {
  const isMember = `SELECT count(*) FROM ${membershipsTable} WHERE workspace_id = ?`
  if ((await selectCount(tx, isMember, [workspaceId])) > 0) return true
  for (const shape of shapes) {
    const twins = `SELECT count(*) FROM ${quoteName(twinStore(shape))}
      WHERE data ->> '$.workspace_id' = ?`
    if ((await selectCount(tx, twins, [workspaceId])) > 0) return true
    const seen = `SELECT count(*) FROM router_seen WHERE tbl = ?
      AND id IN (SELECT id FROM ${rowsOf(shape)})`
    if ((await selectCount(tx, seen, [shape.table, workspaceId])) > 0) return true
  }
  return false
}

const everSealed = [membershipsTable, 'router_seen', 'router_in', 'ps_crud']

/** SQL with one parameter, the workspace's id. */
function rowsOf(shape: RowShape): string {
  return `${quoteName(localStore(shape))} WHERE data ->> '$.workspace_id' = ?`
}
