import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { deletedBase } from './bases.ts'
import type { Brake } from './brake.ts'
import { localStore, twinStore } from './layout.ts'
import { rememberDeleted } from './seen.ts'
import { shapeOf, type RowShape } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'
import { leastDeleteRank, upsertRank } from './triggers.ts'

/**
 * `delete`: the deletes go on, to the server or here. `keep`: rows that were deleted here come back
 * from their twins; rows that the server no longer has are sent to it again, or, where it withholds
 * the whole workspace, only stay on this device.
 */
export type BrakeAnswer = 'delete' | 'keep'

/** Carries out the answer in one transaction: it is about ids only. Without that brake, nothing. */
export async function answerBrake(
  db: AbstractPowerSyncDatabase,
  { direction, table, workspaceId }: Pick<Brake, 'direction' | 'table' | 'workspaceId'>,
  answer: BrakeAnswer,
): Promise<void> {
  const shape = shapeOf(table)
  await db.writeTransaction(async (tx) => {
    const [brake] = await selectRows(
      tx,
      'SELECT ground FROM router_brakes WHERE direction = ? AND tbl = ? AND workspace_id = ?',
      [direction, table, workspaceId],
    )
    if (brake === undefined) return
    if (direction === 'out') await answerOutgoing(tx, shape, workspaceId, answer)
    else if (answer === 'keep' && brake[0] === 'workspace') {
      await tx.execute(
        `UPDATE router_brakes SET answer = 'keep' WHERE direction = 'in' AND tbl = ?
          AND workspace_id = ?`,
        [table, workspaceId],
      )
      return
    } else await answerIncoming(tx, shape, workspaceId, answer)
    await tx.execute(
      'DELETE FROM router_brakes WHERE direction = ? AND tbl = ? AND workspace_id = ?',
      [direction, table, workspaceId],
    )
  })
}

async function answerOutgoing(
  tx: SqlTransaction,
  shape: RowShape,
  workspaceId: string,
  answer: BrakeAnswer,
): Promise<void> {
  const rows = await selectRows(
    tx,
    `SELECT o.id FROM router_out AS o JOIN ${quoteName(twinStore(shape))} AS t ON t.id = o.id
      WHERE o.tbl = ? AND o.wait IS NULL AND o.rank >= ${leastDeleteRank}
        AND json_extract(t.data, '$.workspace_id') = ?`,
    [shape.table, workspaceId],
  )
  const ids = JSON.stringify(rows.map(([id]) => id))
  if (answer === 'delete') {
    await tx.execute(
      'INSERT OR IGNORE INTO router_deeds(tbl, id) SELECT ?, value FROM json_each(?)',
      [shape.table, ids],
    )
    return
  }
  await tx.execute(
    'DELETE FROM router_out WHERE tbl = ? AND id IN (SELECT value FROM json_each(?))',
    [shape.table, ids],
  )
  await tx.execute(
    `INSERT INTO router_in(tbl, id, rank) SELECT ?, value, ? FROM json_each(?) WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table, shape.rank, ids],
  )
}

async function answerIncoming(
  tx: SqlTransaction,
  shape: RowShape,
  workspaceId: string,
  answer: BrakeAnswer,
): Promise<void> {
  const ofPlace = 'tbl = ? AND gone = ?'
  const place = [shape.table, workspaceId]
  if (answer === 'delete') {
    await tx.execute(`UPDATE router_in SET gone = NULL, wait = NULL WHERE ${ofPlace}`, place)
    return
  }
  const rows = await selectRows(tx, `SELECT id FROM router_in WHERE ${ofPlace}`, place)
  const ids = rows.map(([id]) => String(id))
  await rememberDeleted(tx, shape.table, ids, 'server')
  await tx.execute(
    `INSERT INTO router_out(tbl, id, rank, base)
      SELECT ?, l.id, ${upsertRank(shape, 'l')}, ? FROM ${quoteName(localStore(shape))} AS l
      WHERE l.id IN (SELECT value FROM json_each(?))
      ON CONFLICT(tbl, id) DO UPDATE SET base = excluded.base, wait = NULL`,
    [shape.table, deletedBase, JSON.stringify(ids)],
  )
  await tx.execute(`DELETE FROM router_in WHERE ${ofPlace}`, place)
}
