import { serverLivesTable } from '@sealbook/schema/powersync'
import { syncedStore } from './layout.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'

/**
 * Compares the server's lives with those that this device remembers, and remembers them as they are
 * now. One that is gone, or whose position went back, is a break in the server's memory: it was put
 * back to an older state. The break lasts until the checkpoint that it came with is applied in full
 * and worked off, so that what is missing in it counts as lost and not as deleted by somebody.
 * To be called before any row is judged, in the same transaction.
 * @returns whether what is missing was lost by the server.
 */
export async function noticeBreak(tx: SqlTransaction, now: number): Promise<boolean> {
  const store = quoteName(syncedStore(serverLivesTable))
  const position = `coalesce(CAST(json_extract(life.data, '$.position') AS INTEGER), 0)`
  const [found] = await selectRows(
    tx,
    `SELECT EXISTS (SELECT 1 FROM router_lives AS known LEFT JOIN ${store} AS life ON life.id = known.id
        WHERE life.id IS NULL OR ${position} < known.position),
      EXISTS (SELECT 1 FROM ${store} AS life LEFT JOIN router_lives AS known ON known.id = life.id
        WHERE known.id IS NULL OR ${position} > known.position),
      EXISTS (SELECT 1 FROM router_break)`,
  )
  const [isBroken, hasMovedOn, isInBreak] = (found ?? []).map((cell) => cell === 1)
  if (isBroken === true) {
    await tx.execute('INSERT OR REPLACE INTO router_break(id, at) VALUES (1, ?)', [now])
    await tx.execute('DELETE FROM router_lives')
  }
  const isMissingLost = isBroken === true || isInBreak === true
  if (isBroken !== true && hasMovedOn !== true) return isMissingLost
  await tx.execute(
    `INSERT INTO router_lives(id, position) SELECT life.id, ${position} FROM ${store} AS life WHERE true
      ON CONFLICT(id) DO UPDATE SET position = excluded.position`,
  )
  return isMissingLost
}

/** A checkpoint is applied by its first buckets only: rows can be missing that come with the rest. */
export const isPartlySynced = `EXISTS (SELECT 1 FROM ps_sync_state WHERE priority < 2147483647)`

/** Once all that came with the break was judged. */
export async function endBreak(tx: SqlTransaction): Promise<void> {
  await tx.execute(
    `DELETE FROM router_break WHERE NOT ${isPartlySynced}
      AND NOT EXISTS (SELECT 1 FROM router_in WHERE wait IS NULL)`,
  )
}
