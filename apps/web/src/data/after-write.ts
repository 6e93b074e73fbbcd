import type { AbstractPowerSyncDatabase, DBAdapter, LockContext } from '@powersync/common'

/**
 * Reads in the lock of a write, after its commit, and returns what shows it, which is called once
 * the lock is free: whoever waits for it need not wait for the screen. It must not fail, nor wait
 * for another lock.
 */
export type AfterWrite = (reader: Pick<LockContext, 'getAll'>) => Promise<() => void>

const known = new WeakMap<DBAdapter, Set<AfterWrite>>()

/**
 * Calls `read` after every write of this handle, in the write's own lock, until the returned
 * function is called. What a person writes is so on the screen one lock, one change event and its
 * timer earlier. Writes of other handles, sync's and the router's, come as change events only.
 */
export function readAfterWrites(
  db: Pick<AbstractPowerSyncDatabase, 'database'>,
  read: AfterWrite,
): () => void {
  const reads = known.get(db.database) ?? follow(db.database)
  reads.add(read)
  return () => reads.delete(read)
}

/** Every way to write of an adapter goes through its `writeLock`, transactions with their commit. */
function follow(adapter: DBAdapter): Set<AfterWrite> {
  const reads = new Set<AfterWrite>()
  const writeLock = adapter.writeLock.bind(adapter)
  adapter.writeLock = async (work, options) => {
    const shows: (() => void)[] = []
    try {
      return await writeLock(async (tx) => {
        const result = await work(tx)
        for (const read of reads) shows.push(await read(tx))
        return result
      }, options)
    } finally {
      for (const show of shows) show()
    }
  }
  known.set(adapter, reads)
  return reads
}
