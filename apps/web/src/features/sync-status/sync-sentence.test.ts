import { describe, expect, it } from 'vitest'
import type { SyncState } from '../../data/session-types.ts'
import { leftWords, syncLabel, syncSentence } from './sync-sentence.ts'

const quiet: SyncState = {
  kind: 'up-to-date',
  waiting: 0,
  problems: 0,
  download: null,
  leftMs: null,
  lastSyncedAt: null,
  hasSynced: true,
}

describe('syncLabel', () => {
  it('counts what waits and what needs a decision, also when it is one', () => {
    expect(syncLabel({ ...quiet, kind: 'waiting', waiting: 1 })).toBe('1 change waiting')
    expect(syncLabel({ ...quiet, kind: 'waiting', waiting: 3 })).toBe('3 changes waiting')
    expect(syncLabel({ ...quiet, kind: 'problems', problems: 1 })).toBe('1 problem')
    expect(syncLabel({ ...quiet, kind: 'problems', problems: 2 })).toBe('2 problems')
  })
})

describe('syncSentence', () => {
  it('says that changes made offline are kept', () => {
    expect(syncSentence({ ...quiet, kind: 'offline', waiting: 2 })).toContain('2 changes')
    expect(syncSentence({ ...quiet, kind: 'offline' })).not.toContain('0')
  })

  it('says what a session that ended leaves and what it stops', () => {
    const ended: SyncState = { ...quiet, kind: 'signed-out', waiting: 1 }
    expect(syncLabel(ended)).toBe('Signed out')
    expect(syncSentence(ended)).toContain('Sign in to sync')
    expect(syncSentence(ended)).toContain('1 change on this device waits')
    expect(syncSentence({ ...ended, waiting: 0 })).toContain('stays open')
  })

  it('shows how much has arrived', () => {
    const sentence = syncSentence({ ...quiet, kind: 'syncing', download: { done: 10, total: 20 } })
    expect(sentence).toContain('10 of 20')
  })
})

describe('leftWords', () => {
  it.each([
    [0, 'A few seconds left'],
    [30_000, 'Less than a minute left'],
    [60_000, 'About a minute left'],
    [100_000, 'About 2 minutes left'],
    [89 * 60_000, 'About 89 minutes left'],
    [90 * 60_000, 'About 2 hours left'],
  ])('of %i ms', (leftMs, words) => {
    expect(leftWords(leftMs)).toBe(words)
  })
})
