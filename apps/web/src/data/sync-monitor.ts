import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { LeadFollower } from './lead-follower.ts'
import { readLinkStatus, type LinkStatus } from './link-status.ts'
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
 * Watches one open database and, by `leader`, the tab that syncs it. `tables` are those that `readCounts` reads; `openedOnce` says whether
 * this device finished its first download before.
 */
export function watchSync(input: {
  readonly db: AbstractPowerSyncDatabase
  readonly leader: Pick<LeadFollower, 'status' | 'isSilent' | 'subscribe'>
  readonly tables: readonly string[]
  readonly readCounts: () => Promise<SyncCounts>
  readonly openedOnce: boolean
}): SyncMonitor {
  const { db, leader, readCounts } = input
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
  /** Before a leader has told, what the database remembers. */
  let link = leader.status ?? readLinkStatus(db.currentStatus)
  let counting: Promise<void> | null = null

  const publish = () => {
    const described = describeSync({
      ...counts,
      ...link,
      routerIsSilent: leader.isSilent,
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
    const isReceiving = link.downloading
    counts = await readCounts()
    counted = readAt
    // What is opened while the rest still comes is not yet the second half of the way.
    if (!isReceiving) peakPendingOpen = Math.max(peakPendingOpen, counts.pendingOpen)
    const isOpened = counts.pendingOpen === 0 && counted === changes
    if (isOpened && !link.downloading) {
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
    const before = link
    link = leader.status ?? link
    const hasReceived = before.downloading || link.lastSyncedAt !== before.lastSyncedAt
    received = mostRows(received, link)
    attempted ||= link.connecting || link.connected
    if (hasReceived && !link.downloading) noteChange()
    else publish()
  }

  db.onChangeWithCallback(
    { onChange: noteChange },
    { tables: [...input.tables], throttleMs: 1, triggerImmediate: true, signal: stopping.signal },
  )
  const timer = setInterval(recount, pollMs)
  const unfollow = leader.subscribe(onStatus)

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
      unfollow()
      listeners.clear()
    },
  }
}

type ReceivedRows = Pick<SyncFacts, 'downloadedRows' | 'rowsToDownload'>

const noRows: ReceivedRows = { downloadedRows: 0, rowsToDownload: 0 }

/** PowerSync forgets them when the last row is here, and starts anew when a download is resumed. */
function mostRows(before: ReceivedRows, { rows }: LinkStatus): ReceivedRows {
  if (rows === null) return before
  return {
    downloadedRows: Math.max(before.downloadedRows, rows.downloaded),
    rowsToDownload: Math.max(before.rowsToDownload, rows.total),
  }
}

function isSame(a: SyncState, b: SyncState): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
