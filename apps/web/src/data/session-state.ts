import type { SessionState, SyncStateSource } from './session-types.ts'
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

/** One source for the whole session, whichever ledger is open; `follow(null)` when none is. */
export function createSyncRelay(): SyncStateSource & {
  follow(source: SyncStateSource | null): void
} {
  const cell = createCell(unknownSyncState)
  let unfollow: (() => void) | null = null
  return {
    get state() {
      return cell.value
    },
    subscribe: cell.subscribe,
    follow(source) {
      unfollow?.()
      unfollow = source === null ? null : source.subscribe(() => cell.set(source.state))
      cell.set(source === null ? unknownSyncState : source.state)
    },
  }
}
