import { findBase } from './bases.ts'
import { deleteRank, upsertRank } from './triggers.ts'
import { noteTwin } from './journal.ts'
import { awaitsSync, localStore } from './layout.ts'
import { dropReceipt } from './receipts.ts'
import { continueRevision } from './seen.ts'
import { shapeOf } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'
import type { ConflictingChange } from '@sealbook/schema/upload'

/**
 * Makes a change one that is not sealed yet, so that the router merges it with the server's row
 * when that arrives, and seals what stands. Until then the row waits. To be called in a
 * transaction before the change leaves the upload queue; again for the same change is harmless,
 * and the later changes of a row join the first.
 */
export async function takeBackChange(
  tx: Pick<SqlTransaction, 'execute' | 'executeRaw'>,
  change: ConflictingChange,
): Promise<void> {
  const { table, rowId, seal, isGone, deletedRevision } = change
  const shape = shapeOf(table)
  if (deletedRevision !== null) await continueRevision(tx, table, rowId, deletedRevision)
  await dropReceipt(tx, table, rowId, seal)
  const [row] = await selectRows(
    tx,
    `SELECT ${upsertRank(shape, 'l')} FROM ${quoteName(localStore(shape))} AS l WHERE l.id = ?`,
    [rowId],
  )
  // Deleted on both sides: there is nothing to merge.
  if (row === undefined && isGone) return
  const rank = Number(row?.[0] ?? deleteRank - shape.rank)
  const base = await findBase(tx, table, rowId, change.baseSeal)
  await tx.execute(
    `INSERT INTO router_out(tbl, id, rank, base, held) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT(tbl, id) DO UPDATE SET rank = excluded.rank, wait = NULL, held = excluded.held,
        base = iif(held IS NULL, excluded.base, base)`,
    [table, rowId, rank, base, seal ?? ''],
  )
}

/**
 * Changes that waited for the server's row, which is here: sync tells of a row that is as it was,
 * or gone on both sides, by no change of the twin. They are merged with the twin as it is now.
 */
export async function releaseHeldChanges(tx: SqlTransaction): Promise<void> {
  const rows = await selectRows(tx, 'SELECT tbl, id FROM router_out WHERE held IS NOT NULL')
  for (const [table, rowId] of rows) {
    const [shape, id] = [shapeOf(String(table)), String(rowId)]
    if (await awaitsSync(tx, shape, id)) continue
    await noteTwin(tx, shape, id)
    const sql = 'UPDATE router_out SET held = NULL WHERE tbl = ? AND id = ?'
    await tx.execute(sql, [shape.table, id])
  }
}
