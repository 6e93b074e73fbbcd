import type { AbstractPowerSyncDatabase, SyncStatus } from '@powersync/common'
import type { SyncState, SyncStateSource } from './session-types.ts'
import { describeSync, unknownSyncState, type SyncFacts } from './sync-state.ts'

/** Counts that only the database knows. */
export interface SyncCounts {
  readonly queuedUploads: number
  readonly pendingSeal: number
  readonly pendingOpen: number
  readonly problems: number
}

export interface SyncMonitor extends SyncStateSource {
  stop(): void
}

/** Changes within this time are shown together. */
const throttleMs = 100
/** Change events are wake-ups that can be lost; this finds what they missed. */
const pollMs = 5_000

/**
 * Watches one open database. `tables` are those that `readCounts` reads; `openedOnce` says whether
 * this device finished its first download before.
 */
export function watchSync(input: {
  readonly db: AbstractPowerSyncDatabase
  readonly tables: readonly string[]
  readonly readCounts: () => Promise<SyncCounts>
  readonly openedOnce: boolean
}): SyncMonitor {
  const { db, readCounts } = input
  const listeners = new Set<() => void>()
  const stopping = new AbortController()
  let counts: SyncCounts = { queuedUploads: 0, pendingSeal: 0, pendingOpen: 0, problems: 0 }
  let peakPendingOpen = 0
  let openedOnce = input.openedOnce
  let state: SyncState = { ...unknownSyncState, hasSynced: openedOnce }

  const publish = () => {
    const next = describeSync({
      ...counts,
      ...statusFacts(db.currentStatus),
      peakPendingOpen,
      openedOnce,
    })
    openedOnce = next.hasSynced
    if (isSame(state, next)) return
    state = next
    for (const listener of listeners) listener()
  }

  const count = async () => {
    if (stopping.signal.aborted || db.closed) return
    try {
      counts = await readCounts()
    } catch (error) {
      if (stopping.signal.aborted || db.closed) return
      throw error
    }
    peakPendingOpen = counts.pendingOpen === 0 ? 0 : Math.max(peakPendingOpen, counts.pendingOpen)
    publish()
  }

  db.onChangeWithCallback(
    { onChange: count },
    { tables: [...input.tables], throttleMs, triggerImmediate: true, signal: stopping.signal },
  )
  const timer = setInterval(() => void count(), pollMs)
  const unregister = db.registerListener({ statusChanged: publish })

  return {
    get state() {
      return state
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      stopping.abort()
      clearInterval(timer)
      unregister()
      listeners.clear()
    },
  }
}

function statusFacts(
  status: SyncStatus,
): Omit<SyncFacts, keyof SyncCounts | 'peakPendingOpen' | 'openedOnce'> {
  return {
    connected: status.connected,
    connecting: status.connecting,
    downloading: status.downloading,
    uploading: status.uploading,
    failing: status.downloadError !== undefined || status.uploadError !== undefined,
    downloadedRows: status.downloadProgress?.downloadedOperations ?? 0,
    rowsToDownload: status.downloadProgress?.totalOperations ?? 0,
    lastSyncedAt: status.lastSyncedAt?.getTime() ?? null,
    downloadedOnce: status.hasSynced === true,
  }
}

function isSame(a: SyncState, b: SyncState): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
