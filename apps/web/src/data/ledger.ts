import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { WorkspaceKeys } from '@sealbook/crypto'
import {
  countConflicts,
  findBase,
  hasNewerSchema,
  installRouter,
  readRouterProgress,
  schemaVersionTable,
  takeBackChange,
  type RouterKeys,
} from '@sealbook/crypto-router'
import { dayOf, monthOf } from '@sealbook/ledger'
import { encryptTable, entities } from '@sealbook/schema'
import {
  countProblems,
  createConnector,
  installProblems,
  type SyncApi,
} from '@sealbook/sync-client'
import { membershipsTable } from '@sealbook/schema/powersync'
import { installDayTotals } from './day-totals.ts'
import { keepDeviceStorage } from './device-storage.ts'
import type { DatabaseStorage } from './device-store.ts'
import { createDatabase, shareConnection, type DatabaseAccess } from './local-database.ts'
import { countMisfits } from './misfits.ts'
import { startRouter } from './router-process.ts'
import type { DatabaseFailure, Result, SyncStateSource } from './session-types.ts'
import { installStaleTransactions } from './stale-transactions.ts'
import { watchSync, type SyncCounts } from './sync-monitor.ts'

/** An open database with what works on it: the router, the connection and the indicator. */
export interface Ledger {
  readonly db: AbstractPowerSyncDatabase
  readonly sync: SyncStateSource
  /** Starts routing and connecting. Until then nothing leaves the device. */
  start(keys: readonly WorkspaceKeys[]): void
  giveKeys(keys: readonly WorkspaceKeys[]): void
  countUnsent(): Promise<number>
  /** The keys that were given, for diagnostics, which open rows beside the router. */
  readonly keys: RouterKeys
  readonly storage: DatabaseStorage
  /** Has the router look at its journals now. */
  wakeRouter(): void
  /** Connects again, after the server had ended the session: until then nothing is asked of it. */
  reconnect(): void
  close(): Promise<void>
}

export interface LedgerInput {
  readonly access: DatabaseAccess
  readonly userId: string
  readonly api: SyncApi
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

const retryDelayMs = 3_000
const uploadThrottleMs = 50
/** Every change of a count comes with one of these; some journals have no change events. */
const countedTables = [
  'ps_crud',
  'upload_problems',
  'router_out',
  'router_conflicts',
  'misfits',
  ...entities.flatMap((entity) => [entity.table, encryptTable(entity)]),
]

export async function openLedger(input: LedgerInput): Promise<Result<Ledger, DatabaseFailure>> {
  const db = createDatabase(input.access)
  try {
    await db.init()
  } catch {
    await db.close({ disconnect: false }).catch(() => undefined)
    return { ok: false, error: { kind: 'database-unreadable' } }
  }
  if ((await installRouter(db)) === 'newer-schema') {
    await db.close({ disconnect: false })
    return { ok: false, error: { kind: 'newer-version' } }
  }
  await installProblems(db)
  await installDayTotals(db)
  await installStaleTransactions(db)
  // From here on there is something to lose: the browser should not evict it.
  void keepDeviceStorage()

  const readCounts = () => countIn(db)
  const sync = watchSync({ db, tables: countedTables, readCounts, openedOnce: input.openedOnce })
  const running = new AbortController()
  let router: ReturnType<typeof startRouter> | null = null
  let connection: Connection | null = null
  const keysByWorkspaceId = new Map<string, WorkspaceKeys>()
  const keep = (keys: readonly WorkspaceKeys[]) => {
    for (const workspace of keys) keysByWorkspaceId.set(workspace.workspaceId, workspace)
  }

  return {
    ok: true,
    value: {
      db,
      sync,
      keys: { get: (workspaceId) => keysByWorkspaceId.get(workspaceId) },
      storage: input.access.storage,
      wakeRouter: () => router?.giveKeys([...keysByWorkspaceId.values()]),
      start(keys) {
        keep(keys)
        router = startRouter({
          access: input.access,
          userId: input.userId,
          connect: () => shareConnection(db),
          keys,
          onReport: ({ kind }) => {
            if (kind === 'outdated') input.onOutdated()
          },
        })
        connection = keepConnected(db, input, running.signal)
        watchMemberships(db, input.onMemberships, running.signal)
        watchSchema(db, input.onOutdated, running.signal)
      },
      giveKeys(keys) {
        keep(keys)
        router?.giveKeys(keys)
      },
      reconnect: () => connection?.reconnect(),
      async countUnsent() {
        const { queuedUploads, pendingSeal } = await readCounts()
        return queuedUploads + pendingSeal
      },
      async close() {
        running.abort()
        sync.stop()
        await router?.stop()
        keysByWorkspaceId.clear()
        await db.close({ disconnect: true })
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
    return {
      queuedUploads: queue.entries,
      pendingSeal: router.pendingSeal,
      pendingOpen: router.pendingOpen,
      problems: refused + conflicts + router.faulty + misfits,
    }
  })
}

interface Connection {
  reconnect(): void
}

/**
 * PowerSync retries by itself; what the browser tells us about the network is quicker. Once the
 * server has ended the session there is nothing to retry until the person, here or in another tab,
 * has signed in again.
 */
function keepConnected(
  db: AbstractPowerSyncDatabase,
  { api, onSignedOut, onSignedIn }: LedgerInput,
  signal: AbortSignal,
): Connection {
  let isStopped = false
  const stop = () => {
    isStopped = true
    onSignedOut()
    if (!signal.aborted) void db.disconnect()
  }
  const connector = createConnector({
    api: {
      ...api,
      async fetchToken() {
        const token = await api.fetchToken()
        if (token === null) stop()
        else {
          isStopped = false
          onSignedIn()
        }
        return token
      },
    },
    changes: { takeBack: takeBackChange, findBase },
    now: () => Date.now(),
    random: () => Math.random(),
    onUploadState: (state) => {
      if (state === 'signed-out') stop()
    },
    signal,
  })
  const isComplete = () => db.currentStatus.hasSynced === true
  const connect = () =>
    void db.connect(connector, {
      retryDelayMs,
      crudUploadThrottleMs: uploadThrottleMs,
      params: isComplete() ? {} : { month: monthOf(dayOf(new Date())) },
    })
  const reconnect = () => {
    if (!db.closed && !db.currentStatus.connected) connect()
  }
  const resume = () => {
    connector.resume()
    reconnect()
  }
  window.addEventListener('online', resume, { signal })
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') reconnect()
    },
    { signal },
  )
  connect()
  // The month comes first until everything is here. Then it would only come twice (ADR 33).
  if (!isComplete())
    void db.waitForFirstSync({ signal }).then(() => {
      if (!signal.aborted) connect()
    })
  return {
    reconnect() {
      if (isStopped) reconnect()
    },
  }
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
