import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { wipeWorkspaceKeys, type WorkspaceKeys } from '@sealbook/crypto'
import {
  countBrakes,
  countConflicts,
  countOwed,
  hasNewerSchema,
  installRouter,
  readRouterProgress,
  schemaVersionTable,
  type RouterKeys,
} from '@sealbook/crypto-router'
import { encryptTable, entities } from '@sealbook/schema'
import { countProblems, installProblems } from '@sealbook/sync-client'
import { membershipsTable } from '@sealbook/schema/powersync'
import { databaseFailure } from './database-failure.ts'
import { installDayTotals } from './day-totals.ts'
import { keepDeviceStorage } from './device-storage.ts'
import type { DatabaseStorage } from './device-store.ts'
import { followLead, type LeadFollower } from './lead-follower.ts'
import {
  createDatabase,
  shareConnection,
  terminateDatabase,
  type DatabaseAccess,
} from './local-database.ts'
import { countMisfits } from './misfits.ts'
import { prepareRouter } from './router-process.ts'
import type { DatabaseFailure, Result, SyncStateSource } from './session-types.ts'
import { installStaleTransactions } from './stale-transactions.ts'
import { watchSync, type SyncCounts } from './sync-monitor.ts'

/** An open database with what works on it: the router's Worker and the indicator. */
export interface Ledger {
  readonly db: AbstractPowerSyncDatabase
  readonly sync: SyncStateSource
  /** Starts routing and syncing. Until then this tab sends nothing. */
  start(keys: readonly WorkspaceKeys[]): void
  giveKeys(keys: readonly WorkspaceKeys[]): void
  countUnsent(): Promise<number>
  /** The keys that were given, for diagnostics, which open rows beside the router. */
  readonly keys: RouterKeys
  readonly storage: DatabaseStorage
  /** Has the router look at its journals now. */
  wakeRouter(): void
  /** Has this tab route and sync, whichever does it now. */
  takeOver(): void
  /** Connects again, after the server had ended the session: until then nothing is asked of it. */
  reconnect(): void
  /** Ends its Workers at once, for a page that may do nothing more. Only `close` makes sense then. */
  suspend(): void
  close(): Promise<void>
}

export interface LedgerInput {
  readonly access: DatabaseAccess
  readonly userId: string
  /** A newer version of the app has opened the database. */
  readonly onOutdated: () => void
  /** The server no longer knows the account's session. */
  readonly onSignedOut: () => void
  /** It knows it, again or still. */
  readonly onSignedIn: () => void
  readonly openedOnce: boolean
  /** Workspaces of the synced memberships, whenever they change. */
  readonly onMemberships: (workspaceIds: readonly string[]) => void
}

/** Every change of a count comes with one of these; some journals have no change events. */
const countedTables = [
  'ps_crud',
  'upload_problems',
  'router_out',
  'router_conflicts',
  'router_owed',
  'router_brakes',
  'misfits',
  ...entities.flatMap((entity) => [entity.table, encryptTable(entity)]),
]

export async function openLedger(input: LedgerInput): Promise<Result<Ledger, DatabaseFailure>> {
  const router = prepareRouter({
    access: input.access,
    userId: input.userId,
    onReport: ({ kind }) => {
      if (kind === 'outdated') input.onOutdated()
      if (kind === 'signed-out') input.onSignedOut()
      if (kind === 'signed-in') input.onSignedIn()
    },
  })
  const db = createDatabase(input.access)
  try {
    await db.init()
    if ((await installRouter(db)) === 'newer-schema') {
      router.terminate()
      await db.close()
      return { ok: false, error: { kind: 'newer-version' } }
    }
    await installProblems(db)
    await installDayTotals(db)
    await installStaleTransactions(db)
  } catch (error) {
    router.terminate()
    await db.close().catch(() => undefined)
    return { ok: false, error: databaseFailure(error) }
  }
  // From here on there is something to lose: the browser should not evict it.
  void keepDeviceStorage()

  const readCounts = () => countIn(db)
  const leader = followLead(input.access.fileName)
  const { openedOnce } = input
  const sync = watchSync({ db, leader, tables: countedTables, readCounts, openedOnce })
  const running = new AbortController()
  let isSuspended = false
  const keysByWorkspaceId = new Map<string, WorkspaceKeys>()
  const keep = (keys: readonly WorkspaceKeys[]) => {
    for (const workspace of keys) keysByWorkspaceId.set(workspace.workspaceId, workspace)
  }

  const rest = () => {
    running.abort()
    sync.stop()
    leader.stop()
  }

  return {
    ok: true,
    value: {
      db,
      sync,
      keys: { get: (workspaceId) => keysByWorkspaceId.get(workspaceId) },
      storage: input.access.storage,
      wakeRouter: () => router.giveKeys([...keysByWorkspaceId.values()]),
      takeOver: () => router.takeOver(),
      reconnect: () => leader.resume('signed-in'),
      start(keys) {
        keep(keys)
        router.start(() => shareConnection(db), keys)
        watchNetwork(leader, running.signal)
        watchMemberships(db, input.onMemberships, running.signal)
        watchSchema(db, input.onOutdated, running.signal)
      },
      giveKeys(keys) {
        keep(keys)
        router.giveKeys(keys)
      },
      async countUnsent() {
        const { queuedUploads, pendingSeal } = await readCounts()
        return queuedUploads + pendingSeal
      },
      suspend() {
        isSuspended = true
        rest()
        router.terminate()
        terminateDatabase(input.access)
      },
      async close() {
        rest()
        if (!isSuspended) await router.stop()
        for (const keys of keysByWorkspaceId.values()) wipeWorkspaceKeys(keys)
        keysByWorkspaceId.clear()
        if (!isSuspended) await db.close()
      },
    },
  }
}

/** Under one lock: each more would stand in the queue of the screen's own queries. */
async function countIn(db: AbstractPowerSyncDatabase): Promise<SyncCounts> {
  return db.readLock(async (reader) => {
    const queue = await reader.get<{ entries: number }>('SELECT count(*) AS entries FROM ps_crud')
    const router = await readRouterProgress(reader)
    const refused = await countProblems(reader)
    const conflicts = await countConflicts(reader)
    const misfits = await countMisfits(reader)
    const { lost, returned, forked } = await countOwed(reader)
    const brakes = await countBrakes(reader)
    return {
      queuedUploads: queue.entries,
      pendingSeal: router.pendingSeal,
      pendingOpen: router.pendingOpen,
      problems: refused + conflicts + router.faulty + misfits + lost + returned + forked + brakes,
    }
  })
}

/** What the browser tells this tab about the network is news for the tab that syncs. */
function watchNetwork(leader: LeadFollower, signal: AbortSignal): void {
  window.addEventListener('online', () => leader.resume('online'), { signal })
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') leader.resume('looked-at')
    },
    { signal },
  )
}

/** A newer version says so to the other tabs too; a tab that slept did not hear it. */
function watchSchema(
  db: AbstractPowerSyncDatabase,
  onOutdated: LedgerInput['onOutdated'],
  signal: AbortSignal,
): void {
  const check = async () => {
    try {
      if (await hasNewerSchema(db)) onOutdated()
    } catch (error) {
      // A database that closes under a query is no failure.
      if (!signal.aborted && !db.closed) throw error
    }
  }
  db.onChangeWithCallback({ onChange: check }, { tables: [schemaVersionTable], signal })
  document.addEventListener('visibilitychange', () => void check(), { signal })
}

function watchMemberships(
  db: AbstractPowerSyncDatabase,
  onMemberships: LedgerInput['onMemberships'],
  signal: AbortSignal,
): void {
  db.watchWithCallback(
    `SELECT workspace_id FROM ${membershipsTable}`,
    [],
    {
      onResult: (result) => {
        const rows = (result.rows?._array ?? []) as { workspace_id: string }[]
        onMemberships(rows.map((row) => row.workspace_id))
      },
    },
    { signal },
  )
}
