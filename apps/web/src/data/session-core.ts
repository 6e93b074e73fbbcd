import type { UserKey } from '@sealbook/crypto'
import { schemaVersion } from '@sealbook/schema'
import * as account from './account-api.ts'
import type { ApiClient } from './api-client.ts'
import { createDeviceSlot, openDeviceSlot } from './device-slot.ts'
import type { DatabaseStorage, DeviceStore } from './device-store.ts'
import { newDatabaseRecord, openDatabaseRecord, openWorkspaces } from './key-ring.ts'
import { fetchKeys, type KeyBundle } from './keys-api.ts'
import type { Ledger, LedgerInput } from './ledger.ts'
import type { DatabaseAccess } from './local-database.ts'
import { createCell, createSyncRelay, signedOut, starting } from './session-state.ts'
import type {
  DatabaseFailure,
  Result,
  ServerFailure,
  SessionState,
  User,
  WorkspaceId,
} from './session-types.ts'
import type { TabMessage, Tabs } from './tabs.ts'
import type { Derivation } from './unlocking.ts'
import type { UnsavedField } from './unsaved-fields.ts'

export interface SessionDeps {
  readonly api: ApiClient
  readonly device: DeviceStore
  readonly tabs: Tabs
  readonly derivation: Derivation
  readonly openLedger: (input: Omit<LedgerInput, 'api'>) => Promise<Result<Ledger, DatabaseFailure>>
  readonly removeDatabase: (fileName: string, storage: DatabaseStorage) => Promise<void>
  readonly detectStorage: () => Promise<DatabaseStorage>
  /** What stands in an open form of this tab. */
  readonly readUnsaved: () => readonly UnsavedField[]
}

export const done = { ok: true, value: undefined } as const
export const noKeys: KeyBundle = { slots: [], workspaces: [] }

type EnterError = DatabaseFailure | ServerFailure | { readonly kind: 'unusable-slot' }

/** The unlocked part of a session: exists only while the user key is in memory. */
export interface Unlocked {
  readonly user: User
  readonly userKey: UserKey
  readonly ledger: Ledger | null
}

/** What the session's actions share: its state, its keys and the ways from one state to another. */
export function createSessionCore(deps: SessionDeps) {
  const { api, device, tabs } = deps
  const state = createCell<SessionState>(starting, ({ kind }) => kind === 'outdated')
  const sync = createSyncRelay()
  let unlocked: Unlocked | null = null
  /** What of the sync state was last kept on the device: most changes of it are of no account. */
  let keptFacts = ''

  async function start(): Promise<void> {
    void finishSignOut()
    const user = await device.readUser()
    if (user === undefined) return state.set(signedOut)
    const slot = await device.readDeviceSlot(user.id)
    const userKey = slot === undefined ? null : await openDeviceSlot(slot, user.id)
    if (userKey !== null && (await enter(user, userKey)).ok) return void refreshKeys(user)
    const kept = await device.readKeys(user.id)
    if (kept !== undefined && kept.slots.length > 0) {
      state.set({ kind: 'locked', user })
      return void refreshKeys(user)
    }
    await askForKeys(user)
  }

  /** For a device that holds no slots yet: only the server knows whether there are any. */
  async function askForKeys(user: User): Promise<void> {
    const keys = await refreshKeys(user)
    if (!keys.ok && keys.error.kind === 'signed-out') return
    const none = keys.ok && keys.value.slots.length === 0
    state.set(none ? { kind: 'needs-keys', user } : { kind: 'locked', user })
  }

  /** Asks the server, keeps its answer on the device and gives new DEKs to the open ledger. */
  async function refreshKeys(user: User): Promise<Result<KeyBundle, ServerFailure>> {
    const keys = await fetchKeys(api)
    if (!isCurrent(user)) return keys
    if (!keys.ok) {
      if (keys.error.kind === 'signed-out') await expire()
      return keys
    }
    await device.writeKeys(user.id, keys.value)
    if (unlocked?.user.id === user.id) {
      const opened = openWorkspaces(unlocked.userKey, user.id, keys.value.workspaces)
      unlocked.ledger?.giveKeys(opened)
    }
    return keys
  }

  async function readKeys(user: User): Promise<Result<KeyBundle, ServerFailure>> {
    const kept = await device.readKeys(user.id)
    return kept !== undefined && kept.slots.length > 0
      ? { ok: true, value: kept }
      : refreshKeys(user)
  }

  /** From a user key to an open ledger, or to `needs-workspace`. */
  async function enter(user: User, userKey: UserKey): Promise<Result<void, EnterError>> {
    let bundle = (await device.readKeys(user.id)) ?? noKeys
    if (bundle.workspaces.length === 0) {
      const asked = await refreshKeys(user)
      if (!asked.ok) return asked
      bundle = asked.value
    }
    const workspaces = openWorkspaces(userKey, user.id, bundle.workspaces)
    const first = workspaces[0]
    if (first === undefined) {
      if (bundle.workspaces.length > 0) return { ok: false, error: { kind: 'unusable-slot' } }
      awaitWorkspace(user, userKey)
      return done
    }
    const opened = await openDatabase(user, userKey)
    if (!opened.ok) return opened
    show(user, userKey, opened.value, first.workspaceId as WorkspaceId)
    opened.value.start(workspaces)
    return done
  }

  function awaitWorkspace(user: User, userKey: UserKey): void {
    unlocked = { user, userKey, ledger: null }
    state.set({ kind: 'needs-workspace', user })
  }

  function show(user: User, userKey: UserKey, ledger: Ledger, workspaceId: WorkspaceId): void {
    unlocked = { user, userKey, ledger }
    sync.follow(ledger.sync)
    state.set({ kind: 'open', user, workspaceId, db: ledger.db })
  }

  /** After a slot opened: into the ledger, and the device slot where the person asked for it. */
  async function unlockWith(
    user: User,
    userKey: UserKey,
    stayUnlocked: boolean,
  ): Promise<Result<void, EnterError>> {
    const entered = await enter(user, userKey)
    if (!entered.ok) return entered
    await keepUnlocked(user, userKey, stayUnlocked)
    void refreshKeys(user)
    return done
  }

  async function openDatabase(
    user: User,
    userKey: UserKey,
  ): Promise<Result<Ledger, DatabaseFailure>> {
    const access = await accessDatabase(user, userKey)
    if (access === null) return { ok: false, error: { kind: 'database-unreadable' } }
    const openedOnce = await device.readFirstSync(user.id)
    const opened = await deps.openLedger({
      access,
      userId: user.id,
      openedOnce,
      onOutdated: supersede,
      onSignedOut: () => void expire(),
      onMemberships: (workspaceIds) => void learnWorkspaces(user, workspaceIds),
    })
    if (opened.ok && state.value.kind === 'outdated') {
      await opened.value.close()
      return { ok: false, error: { kind: 'newer-version' } }
    }
    if (opened.ok) tabs.tell({ kind: 'opened', schemaVersion })
    else if (opened.error.kind === 'newer-version') supersede()
    return opened
  }

  /** Nothing is written from here on, and nothing but a reload leads out of it. */
  function supersede(): void {
    state.set({ kind: 'outdated', unsaved: deps.readUnsaved() })
    void closeLedger()
  }

  async function accessDatabase(user: User, userKey: UserKey): Promise<DatabaseAccess | null> {
    const existing = await device.readDatabase(user.id)
    const record =
      existing ??
      (await device.keepDatabase(
        user.id,
        newDatabaseRecord(userKey, user.id, await deps.detectStorage()),
      ))
    return openDatabaseRecord(userKey, user.id, record)
  }

  /** A membership whose key this device lacks was made elsewhere: its DEK waits on the server. */
  async function learnWorkspaces(user: User, workspaceIds: readonly string[]): Promise<void> {
    const known =
      (await device.readKeys(user.id))?.workspaces.map((known) => known.workspaceId) ?? []
    if (workspaceIds.some((id) => !known.includes(id))) await refreshKeys(user)
  }

  async function closeLedger(): Promise<void> {
    const closing = unlocked
    unlocked = null
    sync.follow(null)
    await closing?.ledger?.close()
    closing?.userKey.fill(0)
  }

  /** The account's session ended. Data stays, encrypted; the account's password opens the way back. */
  async function expire(): Promise<void> {
    const user = currentUser()
    if (user === null) return
    state.set(signedOut)
    await device.removeDeviceSlot(user.id)
    await closeLedger()
    tabs.tell({ kind: 'signed-out', userId: user.id })
  }

  async function finishSignOut(): Promise<void> {
    if (!(await device.readSignOutPending())) return
    if (await account.signOut(api)) await device.writeSignOutPending(false)
  }

  async function onTabMessage(message: TabMessage): Promise<void> {
    if (state.value.kind === 'outdated') return
    if (message.kind === 'opened') {
      if (message.schemaVersion > schemaVersion) supersede()
      return
    }
    const user = currentUser()
    if (message.kind === 'signed-in') {
      if (user === null) await start()
      return
    }
    if (user?.id !== message.userId) return
    state.set(message.kind === 'locked' ? { kind: 'locked', user } : signedOut)
    await closeLedger()
  }

  function currentUser(): User | null {
    const current = state.value
    return 'user' in current ? current.user : null
  }

  /** False once the person signed out, or another signed in, while something was under way. */
  function isCurrent(user: User): boolean {
    return state.value.kind === 'starting' || currentUser()?.id === user.id
  }

  async function keepUnlocked(user: User, userKey: UserKey, stayUnlocked: boolean): Promise<void> {
    if (stayUnlocked)
      await device.writeDeviceSlot(user.id, await createDeviceSlot(userKey, user.id))
  }

  async function become(user: User): Promise<void> {
    await device.writeUser(user)
    await device.writeSignOutPending(false)
    state.set(starting)
    await askForKeys(user)
    tabs.tell({ kind: 'signed-in', userId: user.id })
  }

  function requireUser(): User {
    const user = currentUser()
    if (user === null) throw new Error('nobody is signed in')
    return user
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
  tabs.listen((message) => void onTabMessage(message))

  return {
    state,
    sync,
    start,
    expire,
    supersede,
    become,
    askForKeys,
    readKeys,
    refreshKeys,
    unlockWith,
    openDatabase,
    show,
    closeLedger,
    keepUnlocked,
    awaitWorkspace,
    finishSignOut,
    requireUser,
    requireUnlocked,
    ledger: () => unlocked?.ledger ?? null,
  }
}
