import { findBase } from './bases.ts'
import { deleteRank, upsertRank } from './triggers.ts'
import { localStore } from './layout.ts'
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
