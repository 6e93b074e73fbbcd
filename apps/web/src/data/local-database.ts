import { createConsoleLogger, LogLevels, PowerSyncDatabase, WASQLiteVFS } from '@powersync/web'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import type { DatabaseStorage } from './device-store.ts'

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
 * A handle on the device's database, not yet opened: await `init()`. For a tab, or with `quiet` for
 * a Worker, which has no tabs to support and would warn of it.
 */
export function createDatabase(
  { fileName, storage, keyHex }: DatabaseAccess,
  { quiet } = { quiet: false },
): PowerSyncDatabase {
  return new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    database: {
      dbFilename: fileName,
      vfs: vfsByStorage[storage],
      // `raw:` is the cipher's own word for a key that needs no derivation.
      encryptionKey: `raw:${keyHex}`,
      ssrMode: false,
    },
    logger: createConsoleLogger({ minLevel: quiet ? LogLevels.error : LogLevels.warn }),
    sync: { logLevel: LogLevels.warn },
  })
}

/** OPFS where the browser gives it out; some refuse it in private windows. */
export async function detectStorage(): Promise<DatabaseStorage> {
  try {
    await navigator.storage.getDirectory()
    return 'opfs'
  } catch {
    return 'indexed-db'
  }
}

/** Deletes the files of a database that no tab has open. */
export async function removeDatabase(fileName: string, storage: DatabaseStorage): Promise<void> {
  if (storage === 'indexed-db') {
    await new Promise<void>((resolve) => {
      const request = indexedDB.deleteDatabase(fileName)
      request.onsuccess = request.onerror = () => resolve()
    })
    return
  }
  const root = await navigator.storage.getDirectory()
  for (const suffix of ['', '-journal', '-wal']) await removeEntry(root, fileName + suffix)
  await removeTemporaryFolders(root)
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
