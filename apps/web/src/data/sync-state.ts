import type { LinkStatus } from './link-status.ts'
import type { SyncState } from './session-types.ts'

/** Everything that the indicator is computed from, as it is now. */
export interface SyncFacts extends Omit<LinkStatus, 'rows'> {
  /** A connection was attempted since the ledger was opened. */
  readonly attempted: boolean
  /** Nobody answers who routes and syncs for this browser. */
  readonly routerIsSilent: boolean
  /** Most rows received, of most rows to receive, since all were last opened. */
  readonly downloadedRows: number
  readonly rowsToDownload: number
  /** Once the first download was opened, it stays so. */
  readonly openedOnce: boolean
  readonly queuedUploads: number
  readonly pendingSeal: number
  readonly pendingOpen: number
  /** Most rows that waited to be opened since the last one was received; 0 when all are open. */
  readonly peakPendingOpen: number
  readonly problems: number
  /** The four counts above were read after the last change that could move them. */
  readonly countsAreCurrent: boolean
}

export const unknownSyncState: SyncState = {
  kind: 'offline',
  waiting: 0,
  problems: 0,
  download: null,
  leftMs: null,
  lastSyncedAt: null,
  hasSynced: false,
}

export function describeSync(facts: SyncFacts): Omit<SyncState, 'leftMs'> {
  const waiting = facts.queuedUploads + facts.pendingSeal
  return {
    kind: kindOf(facts, waiting),
    waiting,
    problems: facts.problems,
    download: downloadOf(facts),
    lastSyncedAt: facts.lastSyncedAt,
    hasSynced: facts.openedOnce || (facts.downloadedOnce && isOpened(facts)),
  }
}

function kindOf(facts: SyncFacts, waiting: number): SyncState['kind'] {
  if (facts.routerIsSilent) return 'router-waiting'
  if (facts.problems > 0) return 'problems'
  if (!facts.connected && (facts.failing || (facts.attempted && !facts.connecting)))
    return 'offline'
  if (waiting > 0) return facts.failing ? 'waiting' : 'syncing'
  const settled = facts.connected && facts.downloadedOnce && !facts.downloading && isOpened(facts)
  return settled && !facts.uploading ? 'up-to-date' : 'syncing'
}

function isOpened({ countsAreCurrent, pendingOpen }: SyncFacts): boolean {
  return countsAreCurrent && pendingOpen === 0
}

/** Receiving a row is half of its way, opening it the other half. It never goes back. */
function downloadOf(facts: SyncFacts): SyncState['download'] {
  const total = Math.max(facts.rowsToDownload, facts.peakPendingOpen)
  const isSettled = facts.countsAreCurrent && !facts.downloading && facts.pendingOpen === 0
  if (isSettled || total === 0) return null
  // Opening begins when the last row was received.
  const done =
    facts.peakPendingOpen > 0
      ? total - facts.pendingOpen / 2
      : Math.min(facts.downloadedRows, total) / 2
  return { done: Math.floor(done), total }
}
