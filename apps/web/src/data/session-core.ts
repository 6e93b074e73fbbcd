import type { UserKey } from '@sealbook/crypto'
import * as account from './account-api.ts'
import type { ApiClient } from './api-client.ts'
import type { DatabaseStorage, DeviceStore } from './device-store.ts'
import type { Ledger, LedgerInput } from './ledger.ts'
import { createCell, createSyncRelay, goodStanding, signedOut, starting } from './session-state.ts'
import type {
  AccountStanding,
  DatabaseFailure,
  Result,
  ServerLacks,
  SessionState,
  User,
  WorkspaceId,
} from './session-types.ts'
import type { Tabs } from './tabs.ts'
import type { Derivation } from './unlocking.ts'
import type { UnsavedField } from './unsaved-fields.ts'

export interface SessionDeps {
  readonly api: ApiClient
  readonly device: DeviceStore
  readonly tabs: Tabs
  readonly derivation: Derivation
  readonly openLedger: (input: LedgerInput) => Promise<Result<Ledger, DatabaseFailure>>
  readonly removeDatabase: (fileName: string, storage: DatabaseStorage) => Promise<void>
  readonly detectStorage: () => Promise<DatabaseStorage>
  /** Starts the app anew without anything that this document had in memory; false when it cannot. */
  readonly endDocument: () => Promise<boolean>
  /** What stands in an open form of this tab. */
  readonly readUnsaved: () => readonly UnsavedField[]
}

export const done = { ok: true, value: undefined } as const

/** The unlocked part of a session: exists only while the user key is in memory. */
export interface Unlocked {
  readonly user: User
  readonly userKey: UserKey
  readonly ledger: Ledger | null
}

export type SessionCore = ReturnType<typeof createSessionCore>

/** What the session's parts share: where the person is, whose device it is, and the keys in memory. */
export function createSessionCore(deps: SessionDeps) {
  const { api, device, tabs } = deps
  const state = createCell<SessionState>(starting, ({ kind }) => kind === 'outdated')
  const standing = createCell<AccountStanding>(goodStanding)
  const sync = createSyncRelay(standing)
  /** Whose device this is: until an explicit sign-out, whatever the server says. */
  let owner: User | null = null
  let unlocked: Unlocked | null = null
  let isSuspended = false
  /** What of the sync state was last kept on the device: most changes of it are of no account. */
  let keptFacts = ''

  function own(user: User): void {
    owner = user
    standing.set(goodStanding)
  }

  function disown(): void {
    owner = null
    standing.set(goodStanding)
    state.set(signedOut)
  }

  function hold(user: User, userKey: UserKey): void {
    unlocked = { user, userKey, ledger: null }
  }

  function show(user: User, userKey: UserKey, ledger: Ledger, workspaceId: WorkspaceId): void {
    unlocked = { user, userKey, ledger }
    sync.follow(ledger.sync)
    state.set({ kind: 'open', user, workspaceId, db: ledger.db })
  }

  /** Nothing is written from here on, and nothing but a reload leads out of it. */
  function supersede(): void {
    state.set({ kind: 'outdated', unsaved: deps.readUnsaved() })
    void closeLedger()
  }

  async function closeLedger(): Promise<void> {
    const closing = unlocked
    unlocked = null
    sync.follow(null)
    await closing?.ledger?.close()
    closing?.userKey.fill(0)
  }

  /** To the question for the secret key, and out of the document that knew what it opens. */
  async function lock(user: User): Promise<void> {
    state.set(starting)
    await device.removeDeviceSlot(user.id)
    await closeLedger()
    if (!(await deps.endDocument())) state.set({ kind: 'locked', user })
  }

  /** The page is put aside: its locks and files are given back, and with `isLast` its keys. */
  function suspend(isLast: boolean): void {
    unlocked?.ledger?.suspend()
    if (isLast) void closeLedger()
    else isSuspended = true
  }

  /** The server ended the session. What is on this device stays as it is, and as open as it is. */
  function expire(): void {
    if (owner === null || standing.value.isSignedOut) return
    standing.set({ ...standing.value, isSignedOut: true })
    if (state.value.kind === 'needs-answer')
      state.set({ ...state.value, reason: { kind: 'signed-out' } })
    tabs.tell({ kind: 'session-ended', userId: owner.id })
  }

  /** The server knows the session again, or still. */
  function restore(): void {
    if (!standing.value.isSignedOut) return
    standing.set({ ...standing.value, isSignedOut: false })
    unlocked?.ledger?.reconnect()
  }

  function noteLacks(lacks: ServerLacks | null): void {
    if (JSON.stringify(lacks) !== JSON.stringify(standing.value.lacks))
      standing.set({ ...standing.value, lacks })
  }

  async function finishSignOut(): Promise<void> {
    if (!(await device.readSignOutPending())) return
    if (await account.signOut(api)) await device.writeSignOutPending(false)
  }

  function requireUser(): User {
    if (owner === null) throw new Error('nobody is signed in')
    return owner
  }

  function requireUnlocked(): Unlocked {
    if (unlocked === null) throw new Error('the session is locked')
    return unlocked
  }

  sync.subscribe(() => {
    const current = state.value
    if (current.kind !== 'open') return
    const { waiting, hasSynced } = sync.state
    const facts = `${current.user.id} ${waiting} ${hasSynced}`
    if (facts === keptFacts) return
    keptFacts = facts
    void device.writeUnsent(current.user.id, waiting)
    if (hasSynced) void device.writeFirstSync(current.user.id)
  })

  return {
    state,
    standing,
    sync,
    own,
    disown,
    hold,
    show,
    supersede,
    closeLedger,
    lock,
    suspend,
    /** Whether the ledger was suspended since this was last asked. */
    takeSuspended() {
      const was = isSuspended
      isSuspended = false
      return was
    },
    expire,
    restore,
    noteLacks,
    finishSignOut,
    requireUser,
    requireUnlocked,
    owner: () => owner,
    /** False once the person signed out, or another signed in, while something was under way. */
    isOwner: (user: User) => owner?.id === user.id,
    unlocked: () => unlocked,
  }
}
