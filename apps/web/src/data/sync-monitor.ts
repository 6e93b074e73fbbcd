import type { AbstractPowerSyncDatabase, SyncStatus } from '@powersync/common'
import type { SyncState, SyncStateSource } from './session-types.ts'
import { describeSync, unknownSyncState, type SyncFacts } from './sync-state.ts'
import { TimeLeft } from './time-left.ts'

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

/** After a write, the screen's queries go first: counting wants the database too. */
const countDelayMs = 100
/** Whoever shows the time left renders anew at each of its steps; its words tell no smaller ones. */
const leftStepMs = 5_000
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
  let received = noRows
  let attempted = false
  let openedOnce = input.openedOnce
  const timeLeft = new TimeLeft()
  let state: SyncState = { ...unknownSyncState, hasSynced: openedOnce }
  /** Moves at everything that could move a count; `counted` is where it was when counts were read. */
  let changes = 1
  let counted = 0
  let lastStatus = db.currentStatus
  let counting: Promise<void> | null = null

  const publish = () => {
    const described = describeSync({
      ...counts,
      ...statusFacts(db.currentStatus),
      ...received,
      attempted,
      peakPendingOpen,
      openedOnce,
      countsAreCurrent: counted === changes,
    })
    openedOnce = described.hasSynced
    const left = timeLeft.note(described.download, performance.now())
    const leftMs = left === null ? null : Math.floor(left / leftStepMs) * leftStepMs
    const next = { ...described, leftMs }
    if (isSame(state, next)) return
    state = next
    for (const listener of listeners) listener()
  }

  const count = async (): Promise<void> => {
    const readAt = changes
    const isReceiving = db.currentStatus.downloading
    counts = await readCounts()
    counted = readAt
    // What is opened while the rest still comes is not yet the second half of the way.
    if (!isReceiving) peakPendingOpen = Math.max(peakPendingOpen, counts.pendingOpen)
    const isOpened = counts.pendingOpen === 0 && counted === changes
    if (isOpened && !db.currentStatus.downloading) {
      peakPendingOpen = 0
      received = noRows
    }
    publish()
  }

  /** One count at a time, a moment after what asked for it, until none is outdated. */
  const keepCounting = async (): Promise<void> => {
    do {
      await new Promise((resolve) => setTimeout(resolve, countDelayMs))
      if (stopping.signal.aborted || db.closed) return
      await count()
    } while (counted !== changes)
  }

  const recount = () => {
    counting ??= keepCounting()
      .catch((error: unknown) => {
        // A database that closes under a query is no failure.
        if (!stopping.signal.aborted && !db.closed) throw error
      })
      .finally(() => {
        counting = null
      })
  }

  const noteChange = () => {
    changes += 1
    publish()
    recount()
  }

  const onStatus = () => {
    const hasReceived = lastStatus.downloading || isNewer(db.currentStatus, lastStatus)
    lastStatus = db.currentStatus
    received = mostRows(received, lastStatus)
    attempted ||= lastStatus.connecting || lastStatus.connected
    if (hasReceived && !lastStatus.downloading) noteChange()
    else publish()
  }

  db.onChangeWithCallback(
    { onChange: noteChange },
    { tables: [...input.tables], throttleMs: 1, triggerImmediate: true, signal: stopping.signal },
  )
  const timer = setInterval(recount, pollMs)
  const unregister = db.registerListener({ statusChanged: onStatus })

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

type ReceivedRows = Pick<SyncFacts, 'downloadedRows' | 'rowsToDownload'>

const noRows: ReceivedRows = { downloadedRows: 0, rowsToDownload: 0 }

/** PowerSync forgets them when the last row is here, and starts anew when a download is resumed. */
function mostRows(before: ReceivedRows, { downloadProgress }: SyncStatus): ReceivedRows {
  if (downloadProgress === null) return before
  const until = (priority: number) => downloadProgress.untilPriority(priority)
  // The rows of the month's bucket come once more with the whole workspace, and those of the server's
  // lives are nobody's.
  const [lives, outline, month] = [until(0), until(1), until(2)]
  const rows = (part: 'downloadedOperations' | 'totalOperations') =>
    downloadProgress[part] - (month[part] - outline[part]) - lives[part]
  return {
    downloadedRows: Math.max(before.downloadedRows, rows('downloadedOperations')),
    rowsToDownload: Math.max(before.rowsToDownload, rows('totalOperations')),
  }
}

function statusFacts(
  status: SyncStatus,
): Pick<
  SyncFacts,
  | 'connected'
  | 'connecting'
  | 'downloading'
  | 'uploading'
  | 'failing'
  | 'lastSyncedAt'
  | 'downloadedOnce'
> {
  return {
    connected: status.connected,
    connecting: status.connecting,
    downloading: status.downloading,
    uploading: status.uploading,
    failing: status.downloadError !== undefined || status.uploadError !== undefined,
    lastSyncedAt: status.lastSyncedAt?.getTime() ?? null,
    downloadedOnce: status.hasSynced === true,
  }
}

function isNewer(status: SyncStatus, before: SyncStatus): boolean {
  return status.lastSyncedAt?.getTime() !== before.lastSyncedAt?.getTime()
}

function isSame(a: SyncState, b: SyncState): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
