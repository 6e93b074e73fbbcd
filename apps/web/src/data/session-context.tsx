import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { PowerSyncContext } from '@powersync/react'
import { createContext, useContext, useMemo, useSyncExternalStore, type ReactNode } from 'react'
import type {
  AccountStanding,
  Inspection,
  SessionActions,
  SessionState,
  SessionStore,
  SyncState,
  WorkspaceId,
} from './session-types.ts'

/** What \@powersync/react expects outside a database; its type does not say so. */
const noDatabase = null as unknown as AbstractPowerSyncDatabase

const SessionContext = createContext<SessionStore | null>(null)

/** Gives `useSession` its store, and the open database to every query hook below. */
export function SessionProvider({ store, children }: { store: SessionStore; children: ReactNode }) {
  const state = useSyncExternalStore(store.subscribe, () => store.state)
  return (
    <SessionContext value={store}>
      <PowerSyncContext value={state.kind === 'open' ? state.db : noDatabase}>
        {children}
      </PowerSyncContext>
    </SessionContext>
  )
}

/** What the person can do, and where they are; renders again when `state` changes. */
export function useSession(): SessionActions & { readonly state: SessionState } {
  const store = useStore()
  const state = useSyncExternalStore(store.subscribe, () => store.state)
  return useMemo(() => ({ ...actionsOf(store), state }), [store, state])
}

/** @throws outside the state `open`. */
export function useDatabase(): AbstractPowerSyncDatabase {
  return useOpenState().db
}

/** @throws outside the state `open`. */
export function useWorkspaceId(): WorkspaceId {
  return useOpenState().workspaceId
}

/** Who is signed in. @throws outside the state `open`. */
export function useUserId(): string {
  return useOpenState().user.id
}

/** Stops this tab for a newer version of the app. */
export function useSupersede(): () => void {
  return useStore().supersede
}

/** Has this tab route and sync, whichever does it now. */
export function useTakeOver(): () => void {
  return useStore().takeOver
}

/** What diagnostics look at. @throws outside the state `open`. */
export function useInspection(): Inspection {
  const store = useStore()
  const { db } = useOpenState()
  return useMemo(() => {
    const inspection = store.inspection()
    if (inspection?.db !== db) throw new Error('the ledger is not open')
    return inspection
  }, [store, db])
}

/** What the server last said of the account; renders again when it changes. */
export function useStanding(): AccountStanding {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, () => store.standing)
}

/** The sync indicator's state; renders again when it changes. */
export function useSyncState(): SyncState {
  const { sync } = useStore()
  return useSyncExternalStore(sync.subscribe, () => sync.state)
}

function useOpenState(): Extract<SessionState, { kind: 'open' }> {
  const store = useStore()
  const state = useSyncExternalStore(store.subscribe, () => store.state)
  if (state.kind !== 'open') throw new Error('the ledger is not open')
  return state
}

function useStore(): SessionStore {
  const store = useContext(SessionContext)
  if (store === null) throw new Error('SessionProvider is missing')
  return store
}

function actionsOf(store: SessionStore): SessionActions {
  return {
    signUp: (account) => store.signUp(account),
    signIn: (account) => store.signIn(account),
    prepareKeys: (secretKey) => store.prepareKeys(secretKey),
    unlock: (input) => store.unlock(input),
    unlockWithRecoveryKey: (input) => store.unlockWithRecoveryKey(input),
    changeSecretKey: (secretKey) => store.changeSecretKey(secretKey),
    createWorkspace: (workspace) => store.createWorkspace(workspace),
    signInAgain: (password) => store.signInAgain(password),
    askAgain: () => store.askAgain(),
    sendKeptKeys: () => store.sendKeptKeys(),
    lock: () => store.lock(),
    removeUnopened: () => store.removeUnopened(),
    signOut: (options) => store.signOut(options),
    listSessions: () => store.listSessions(),
    revokeSession: (id) => store.revokeSession(id),
    listLeftLedgers: () => store.listLeftLedgers(),
    removeLeftLedger: (left) => store.removeLeftLedger(left),
  }
}
