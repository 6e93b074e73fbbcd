import { describe, expect, it } from 'vitest'
import { describeSync, type SyncFacts } from './sync-state.ts'

const settled: SyncFacts = {
  connected: true,
  connecting: false,
  attempted: true,
  routerIsSilent: false,
  downloading: false,
  uploading: false,
  failing: false,
  downloadedRows: 0,
  rowsToDownload: 0,
  lastSyncedAt: 1_000,
  downloadedOnce: true,
  openedOnce: true,
  queuedUploads: 0,
  pendingSeal: 0,
  pendingOpen: 0,
  peakPendingOpen: 0,
  problems: 0,
  countsAreCurrent: true,
}
const cut = { connected: false, connecting: false }

describe('sync state', () => {
  it.each([
    ['up-to-date', 'connected with nothing to do', {}],
    ['offline', 'no connection', cut],
    [
      'offline',
      'a connection that is tried again after a failure',
      { ...cut, connecting: true, failing: true },
    ],
    ['offline', 'changes that wait without a connection', { ...cut, queuedUploads: 3 }],
    ['syncing', 'a first connection attempt', { ...cut, connecting: true }],
    ['syncing', 'no attempt to connect yet', { ...cut, attempted: false }],
    ['syncing', 'changes on their way', { queuedUploads: 2, uploading: true }],
    ['syncing', 'rows not sealed yet', { pendingSeal: 1 }],
    ['waiting', 'changes whose upload failed', { queuedUploads: 2, failing: true }],
    ['syncing', 'rows coming in', { downloading: true }],
    ['syncing', 'rows received but not opened', { pendingOpen: 7, peakPendingOpen: 9 }],
    ['syncing', 'a change that is not counted yet', { countsAreCurrent: false }],
    [
      'syncing',
      'a connection before the first download',
      { downloadedOnce: false, openedOnce: false },
    ],
    ['problems', 'a refusal, whatever else', { ...cut, problems: 1 }],
    ['router-waiting', 'nobody who routes', { ...cut, routerIsSilent: true, problems: 1 }],
  ] as const)('is %s with %s', (kind, _, facts) => {
    expect(describeSync({ ...settled, ...facts }).kind).toBe(kind)
  })

  it('counts what is queued and what is not sealed yet', () => {
    expect(describeSync({ ...settled, queuedUploads: 2, pendingSeal: 3 }).waiting).toBe(5)
  })

  it('shows one progress from the first row received to the last one opened', () => {
    const at = (facts: Partial<SyncFacts>) => describeSync({ ...settled, ...facts }).download
    expect(at({ downloading: true, downloadedRows: 0, rowsToDownload: 100 })).toEqual({
      done: 0,
      total: 100,
    })
    expect(at({ downloading: true, downloadedRows: 80, rowsToDownload: 100 })).toEqual({
      done: 40,
      total: 100,
    })
    expect(at({ pendingOpen: 100, peakPendingOpen: 100 })).toEqual({ done: 50, total: 100 })
    expect(at({ pendingOpen: 20, peakPendingOpen: 100 })).toEqual({ done: 90, total: 100 })
    expect(at({})).toBeNull()
  })

  it('stays at what was received until it is counted what is left to open', () => {
    const received = { downloadedRows: 100, rowsToDownload: 100 }
    const at = (facts: Partial<SyncFacts>) =>
      describeSync({ ...settled, ...received, ...facts }).download
    expect(at({ countsAreCurrent: false })).toEqual({ done: 50, total: 100 })
    // One row of the hundred was not for the router: the total stays what it was.
    expect(at({ pendingOpen: 99, peakPendingOpen: 99 })).toEqual({ done: 50, total: 100 })
    const opened = { pendingOpen: 0, peakPendingOpen: 99 }
    expect(at({ ...opened, countsAreCurrent: false })).toEqual({ done: 100, total: 100 })
    expect(at(opened)).toBeNull()
  })

  it('has synced only once the first download was opened, and then for good', () => {
    const first = { ...settled, openedOnce: false }
    expect(describeSync({ ...first, downloadedOnce: false }).hasSynced).toBe(false)
    expect(describeSync({ ...first, pendingOpen: 1 }).hasSynced).toBe(false)
    expect(describeSync({ ...first, countsAreCurrent: false }).hasSynced).toBe(false)
    expect(describeSync(first).hasSynced).toBe(true)
    expect(describeSync({ ...settled, pendingOpen: 1 }).hasSynced).toBe(true)
  })
})
