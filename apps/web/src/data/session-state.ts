import type { AccountStanding, SessionState, SyncStateSource } from './session-types.ts'
import { unknownSyncState } from './sync-state.ts'

/** A value that tells its listeners when it is replaced. */
export interface Cell<T> {
  readonly value: T
  set(value: T): void
  readonly subscribe: (listener: () => void) => () => void
}

/** @param isFinal of a value that no other replaces any more. */
export function createCell<T>(initial: T, isFinal: (value: T) => boolean = () => false): Cell<T> {
  const listeners = new Set<() => void>()
  let value = initial
  return {
    get value() {
      return value
    },
    set(next) {
      if (Object.is(next, value) || isFinal(value)) return
      value = next
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const starting: SessionState = { kind: 'starting' }
export const signedOut: SessionState = { kind: 'signed-out' }

export const goodStanding: AccountStanding = { isSignedOut: false, lacks: null }

/**
 * One source for the whole session, whichever ledger is open; `follow(null)` when none is. While
 * `standing` says that the session ended, so does the state of an open ledger.
 */
export function createSyncRelay(standing: Cell<AccountStanding>): SyncStateSource & {
  follow(source: SyncStateSource | null): void
} {
  const cell = createCell(unknownSyncState)
  let followed: SyncStateSource | null = null
  let unfollow: (() => void) | null = null
  const relay = () => {
    const state = followed?.state ?? unknownSyncState
    const isEnded = followed !== null && standing.value.isSignedOut
    cell.set(isEnded ? { ...state, kind: 'signed-out' } : state)
  }
  standing.subscribe(relay)
  return {
    get state() {
      return cell.value
    },
    subscribe: cell.subscribe,
    follow(source) {
      unfollow?.()
      followed = source
      unfollow = source === null ? null : source.subscribe(relay)
      relay()
    },
  }
}
