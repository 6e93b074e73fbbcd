import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { selectCount, type SqlTransaction } from './sql.ts'

/** Another router has taken over: this one must not write to the database any more. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError'
}

/**
 * For a router that begins to route, after `installRouter`: every router that claimed before it is
 * replaced, even one that sleeps in a frozen tab and still believes that it holds the lock.
 * @returns what the router's deps want as `generation`.
 */
export async function claimGeneration(db: AbstractPowerSyncDatabase): Promise<number> {
  return db.writeTransaction(async (tx) => {
    await tx.execute('UPDATE router_control SET generation = generation + 1')
    return selectCount(tx, 'SELECT generation FROM router_control')
  })
}

/**
 * First in every transaction of a router that claimed a generation.
 * @throws ReplacedError
 */
export async function requireGeneration(
  tx: SqlTransaction,
  generation: number | undefined,
): Promise<void> {
  if (generation === undefined) return
  if ((await selectCount(tx, 'SELECT generation FROM router_control')) === generation) return
  throw new ReplacedError('another router has taken over')
}
