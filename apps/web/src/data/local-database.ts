import type { AbstractPowerSyncDatabase } from '@powersync/common'
import {
  createConsoleLogger,
  LogLevels,
  PowerSyncDatabase,
  WASQLiteVFS,
  type WebDBAdapter,
} from '@powersync/web'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import { storageManager } from './device-storage.ts'
import type { DatabaseStorage } from './device-store.ts'
import { terminateWorker } from './page-workers.ts'

/** What opens the device's database; structured-cloneable, for the router's Worker. */
export interface DatabaseAccess {
  readonly fileName: string
  readonly storage: DatabaseStorage
  /** 32 bytes in hex: the database key itself, no passphrase. */
  readonly keyHex: string
}

const vfsByStorage = {
  opfs: WASQLiteVFS.OPFSCoopSyncVFS,
  'indexed-db': WASQLiteVFS.IDBBatchAtomicVFS,
} as const satisfies Record<DatabaseStorage, WASQLiteVFS>

/**
 * Prepared statements kept by the connection. Preparing a write to a view, with all its triggers,
 * costs more than running it. The price: a parameter that is `undefined` would be the one before.
 */
const statements = 200

/** A handle on the device's database, not yet opened: await `init()`. */
export function createDatabase(access: DatabaseAccess): PowerSyncDatabase {
  return new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    database: openOptions(access),
    // It warns that without its SharedWorker several tabs would not all sync.
    logger: createConsoleLogger({ minLevel: LogLevels.error }),
  })
}

/**
 * A way into the SQLite connection of an open handle, for a Worker of the same tab. Two
 * connections would hand OPFS's exclusive file handles to and fro at every turn.
 */
export async function shareConnection(db: AbstractPowerSyncDatabase): Promise<MessagePort> {
  const { port } = await (db.database as WebDBAdapter).shareConnection()
  return port
}

/** In a Worker: a handle of its own on the tab's connection. Await `init()`. */
export function createDatabaseOn(port: MessagePort, access: DatabaseAccess): PowerSyncDatabase {
  // PowerSync asks for a Worker, of which it uses what a port has too, and ends it when closing.
  const worker = Object.assign(port, { terminate: () => port.close() }) as unknown as Worker
  return new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    database: { ...openOptions(access), worker: () => worker },
    logger: createConsoleLogger({ minLevel: LogLevels.error }),
  })
}

/** Ends SQLite's Worker of this tab, opened or not: no `close` answers afterwards. */
export function terminateDatabase({ fileName }: DatabaseAccess): void {
  // PowerSync's own name for it.
  terminateWorker(`powersync-${fileName}`)
}

function openOptions({ fileName, storage, keyHex }: DatabaseAccess) {
  return {
    dbFilename: fileName,
    vfs: vfsByStorage[storage],
    // `raw:` is the cipher's own word for a key that needs no derivation.
    encryptionKey: `raw:${keyHex}`,
    ssrMode: false,
    // PowerSync's SharedWorker has a life of its own: it would keep the key after a lock (ADR 48).
    enableMultiTabs: false,
    preparedStatementsCache: statements,
  }
}

/**
 * Whether a tab or the sync client waits for the database, as who has it asks: PowerSync guards a
 * file with a Web Lock. Where nobody holds such a lock, somebody may always wait.
 */
export async function isDatabaseAwaited({ fileName }: DatabaseAccess): Promise<boolean> {
  const { held = [], pending = [] } = await navigator.locks.query()
  const isItsLock = ({ name }: LockInfo) => name === `db-lock-${fileName}`
  return pending.some(isItsLock) || !held.some(isItsLock)
}

/** Private files of the origin where SQLite can work on them; some refuse them in private windows. */
export async function detectStorage(): Promise<DatabaseStorage> {
  if (storageManager()?.getDirectory === undefined) return 'indexed-db'
  return (await canWritePrivateFiles()) ? 'opfs' : 'indexed-db'
}

/** A Worker that does not say so in this time cannot. */
const probeTimeoutMs = 10_000

async function canWritePrivateFiles(): Promise<boolean> {
  const worker = new Worker(new URL('./opfs-probe.worker.ts', import.meta.url), { type: 'module' })
  const works = await new Promise<boolean>((resolve) => {
    worker.onmessage = (event: MessageEvent<boolean>) => resolve(event.data)
    worker.onerror = () => resolve(false)
    setTimeout(() => resolve(false), probeTimeoutMs)
  })
  worker.terminate()
  return works
}

/** Deletes the files of a database that no tab has open. */
export async function removeDatabase(fileName: string, storage: DatabaseStorage): Promise<void> {
  if (storage === 'indexed-db') return removeIndexedDb(fileName)
  const root = await navigator.storage.getDirectory()
  for (const suffix of ['', '-journal', '-wal']) await removeEntry(root, fileName + suffix)
  await removeTemporaryFolders(root)
}

/** Another tab may keep it open for a moment: emptied now, deleted then. */
async function removeIndexedDb(name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open(name)
    opening.onerror = () => reject(opening.error ?? new Error('IndexedDB did not open'))
    opening.onsuccess = () => {
      const db = opening.result
      const stores = [...db.objectStoreNames]
      if (stores.length > 0) {
        const emptying = db.transaction(stores, 'readwrite')
        for (const store of stores) emptying.objectStore(store).clear()
      }
      db.close()
      const deleting = indexedDB.deleteDatabase(name)
      deleting.onsuccess = deleting.onerror = deleting.onblocked = () => resolve()
    }
  })
}

/** SQLite's temporary folders of closed tabs, which else wait for the next open. */
async function removeTemporaryFolders(root: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of root.keys()) {
    if (name.startsWith('.ahp-')) {
      await root.removeEntry(name, { recursive: true }).catch(() => undefined) // another tab's
    }
  }
}

/** Another tab lets go of its handles a moment after it heard of the sign-out. */
const removeAttempts = 40
const removePauseMs = 50

async function removeEntry(root: FileSystemDirectoryHandle, name: string): Promise<void> {
  for (let attempt = 0; attempt < removeAttempts; attempt += 1) {
    try {
      await root.removeEntry(name)
      return
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return
      await new Promise((resolve) => setTimeout(resolve, removePauseMs))
    }
  }
}
