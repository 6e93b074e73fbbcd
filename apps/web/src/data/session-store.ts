import {
  generateDataKey,
  generateRecoveryKey,
  generateUserKey,
  createRecoveryKeySlot,
  recoveryKeyToWords,
  wrapDataKey,
  type UserKey,
} from '@sealbook/crypto'
import * as account from './account-api.ts'
import type { ApiClient } from './api-client.ts'
import { createDeviceSlot, openDeviceSlot } from './device-slot.ts'
import type { DatabaseStorage, DeviceStore } from './device-store.ts'
import { newDatabaseRecord, openDatabaseRecord, openWorkspaces } from './key-ring.ts'
import { fetchKeys, postKeys, postWorkspace, putSlot, type KeyBundle } from './keys-api.ts'
import type { Ledger, LedgerInput } from './ledger.ts'
import type { DatabaseAccess } from './local-database.ts'
import { createCell, createSyncRelay, signedOut, starting } from './session-state.ts'
import { clearAbandonedRows, writeStarterRows } from './starter-rows.ts'
import type {
  DatabaseFailure,
  NewWorkspace,
  PendingKeys,
  Result,
  ServerFailure,
  SessionState,
  SessionStore,
  User,
  WorkspaceId,
} from './session-types.ts'
import type { TabMessage, Tabs } from './tabs.ts'
import {
  newSecretKeySlot,
  openWithRecoveryKey,
  openWithSecretKey,
  type Derivation,
} from './unlocking.ts'

export interface SessionDeps {
  readonly api: ApiClient
  readonly device: DeviceStore
  readonly tabs: Tabs
  readonly derivation: Derivation
  readonly openLedger: (input: Omit<LedgerInput, 'api'>) => Promise<Result<Ledger, DatabaseFailure>>
  readonly removeDatabase: (fileName: string, storage: DatabaseStorage) => Promise<void>
  readonly detectStorage: () => Promise<DatabaseStorage>
}

const done = { ok: true, value: undefined } as const
const noKeys: KeyBundle = { slots: [], workspaces: [] }

/** The unlocked part of a session: exists only while the user key is in memory. */
interface Unlocked {
  readonly user: User
  readonly userKey: UserKey
  ledger: Ledger | null
}

/** The session's state machine. `start` it once; `expire` it when the server says 401. */
export interface Session extends SessionStore {
  start(): Promise<void>
  expire(): Promise<void>
}

export function createSession(deps: SessionDeps): Session {
  const { api, device, tabs } = deps
  const state = createCell<SessionState>(starting)
  const sync = createSyncRelay()
  let unlocked: Unlocked | null = null

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
  async function enter(
    user: User,
    userKey: UserKey,
  ): Promise<Result<void, DatabaseFailure | ServerFailure | { kind: 'unusable-slot' }>> {
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
      unlocked = { user, userKey, ledger: null }
      state.set({ kind: 'needs-workspace', user })
      return done
    }
    const opened = await openDatabase(user, userKey)
    if (!opened.ok) return opened
    show({ user, userKey, ledger: opened.value }, opened.value, first.workspaceId as WorkspaceId)
    opened.value.start(workspaces)
    return done
  }

  function show(entered: Unlocked, ledger: Ledger, workspaceId: WorkspaceId): void {
    unlocked = entered
    sync.follow(ledger.sync)
    state.set({ kind: 'open', user: entered.user, workspaceId, db: ledger.db })
    void navigator.storage?.persist?.()
  }

  async function openDatabase(
    user: User,
    userKey: UserKey,
  ): Promise<Result<Ledger, DatabaseFailure>> {
    const access = await accessDatabase(user, userKey)
    if (access === null) return { ok: false, error: { kind: 'database-unreadable' } }
    const openedOnce = await device.readFirstSync(user.id)
    return deps.openLedger({
      access,
      openedOnce,
      onMemberships: (workspaceIds) => void learnWorkspaces(user, workspaceIds),
    })
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
    void device.writeUnsent(current.user.id, sync.state.waiting)
    if (sync.state.hasSynced) void device.writeFirstSync(current.user.id)
  })
  tabs.listen((message) => void onTabMessage(message))

  return {
    get state() {
      return state.value
    },
    subscribe: state.subscribe,
    sync,
    start,
    expire,

    async signUp(credentials) {
      const user = await account.signUp(api, credentials)
      if (user.ok) await become(user.value)
      return user.ok ? done : user
    },

    async signIn(credentials) {
      const user = await account.signIn(api, credentials)
      if (user.ok) await become(user.value)
      return user.ok ? done : user
    },

    async prepareKeys(secretKey) {
      const user = requireUser()
      const userKey = generateUserKey()
      const recoveryKey = generateRecoveryKey()
      const slot = { userId: user.id, userKey, version: 1 }
      const secretSlot = await newSecretKeySlot(
        { ...slot, id: crypto.randomUUID(), secretKey },
        deps.derivation,
      )
      if (!secretSlot.ok) return secretSlot
      const recoverySlot = createRecoveryKeySlot({ ...slot, id: crypto.randomUUID(), recoveryKey })
      const slots = [secretSlot.value, recoverySlot]
      const pending: PendingKeys = {
        recoveryWords: recoveryKeyToWords(recoveryKey),
        async commit({ stayUnlocked }) {
          const posted = await postKeys(api, slots)
          if (!posted.ok) {
            if (posted.error.kind === 'keys-exist') await askForKeys(user)
            return posted
          }
          await device.writeKeys(user.id, { slots, workspaces: [] })
          await keepUnlocked(user, userKey, stayUnlocked)
          unlocked = { user, userKey, ledger: null }
          state.set({ kind: 'needs-workspace', user })
          return done
        },
      }
      return { ok: true, value: pending }
    },

    async unlock({ secretKey, stayUnlocked }) {
      const user = requireUser()
      const keys = await readKeys(user)
      if (!keys.ok) return keys
      let opened = await openWithSecretKey(keys.value.slots, user.id, secretKey, deps.derivation)
      if (!opened.ok && opened.error.kind === 'wrong-secret-key') {
        // It may have been changed on another device since the slots were kept here.
        const fresh = await refreshKeys(user)
        if (fresh.ok && JSON.stringify(fresh.value.slots) !== JSON.stringify(keys.value.slots)) {
          opened = await openWithSecretKey(fresh.value.slots, user.id, secretKey, deps.derivation)
        }
      }
      if (!opened.ok) return opened
      const entered = await enter(user, opened.value)
      if (!entered.ok) return entered
      await keepUnlocked(user, opened.value, stayUnlocked)
      void refreshKeys(user)
      return done
    },

    async unlockWithRecoveryKey({ words, stayUnlocked }) {
      const user = requireUser()
      const keys = await readKeys(user)
      if (!keys.ok) return keys
      const opened = openWithRecoveryKey(keys.value.slots, user.id, words)
      if (!opened.ok) return opened
      const entered = await enter(user, opened.value)
      if (!entered.ok) return entered
      await keepUnlocked(user, opened.value, stayUnlocked)
      void refreshKeys(user)
      return done
    },

    async changeSecretKey(secretKey) {
      const { user, userKey } = requireUnlocked()
      const keys = await refreshKeys(user)
      if (!keys.ok) return keys
      const old = keys.value.slots.find((slot) => slot.kind === 'secret-key')
      if (old === undefined) return { ok: false, error: { kind: 'version-conflict' } }
      const slot = await newSecretKeySlot(
        { id: old.id, version: old.version + 1, userId: user.id, userKey, secretKey },
        deps.derivation,
      )
      if (!slot.ok) return slot
      const put = await putSlot(api, slot.value, old.version)
      if (!put.ok) return put
      const slots = keys.value.slots.map((kept) => (kept.id === old.id ? slot.value : kept))
      await device.writeKeys(user.id, { ...keys.value, slots })
      return done
    },

    createWorkspace: (workspace) => createWorkspace(workspace),

    async lock() {
      const user = requireUser()
      state.set({ kind: 'locked', user })
      await device.removeDeviceSlot(user.id)
      tabs.tell({ kind: 'locked', userId: user.id })
      await closeLedger()
    },

    async signOut({ discardUnsent }) {
      const user = requireUser()
      const ledger = unlocked?.ledger ?? null
      const count = ledger === null ? await device.readUnsent(user.id) : await ledger.countUnsent()
      if (count > 0 && !discardUnsent)
        return { ok: false, error: { kind: 'unsent-changes', count } }
      state.set(signedOut)
      tabs.tell({ kind: 'signed-out', userId: user.id })
      await closeLedger()
      const database = await device.readDatabase(user.id)
      if (database !== undefined) await deps.removeDatabase(database.fileName, database.storage)
      await device.removeUser(user.id)
      await device.writeSignOutPending(true)
      await finishSignOut()
      return done
    },

    listSessions: () => account.listSessions(api),
    revokeSession: (id) => account.revokeSession(api, id),
  }

  async function createWorkspace(
    workspace: NewWorkspace,
  ): ReturnType<SessionStore['createWorkspace']> {
    const { user, userKey } = requireUnlocked()
    const opened = await openDatabase(user, userKey)
    if (!opened.ok) return opened
    const ledger = opened.value
    const workspaceId = crypto.randomUUID() as string as WorkspaceId
    const dataKey = generateDataKey()
    const keyVersion = 1
    const wrapped = wrapDataKey({ userKey, userId: user.id, workspaceId, keyVersion, dataKey })
    await clearAbandonedRows(ledger.db)
    const written = await writeStarterRows(ledger.db, workspaceId, workspace)
    const posted = written.ok
      ? await postWorkspace(api, workspaceId, { keyVersion, wrapped })
      : written
    if (!posted.ok) {
      await clearAbandonedRows(ledger.db)
      await ledger.close()
      const { error } = posted
      return 'column' in error
        ? { ok: false, error: { kind: 'invalid', column: error.column } }
        : { ok: false, error }
    }
    const kept = (await device.readKeys(user.id)) ?? noKeys
    const workspaces = [...kept.workspaces, { workspaceId, dataKeys: [{ keyVersion, wrapped }] }]
    await device.writeKeys(user.id, { ...kept, workspaces })
    show({ user, userKey, ledger }, ledger, workspaceId)
    ledger.start(openWorkspaces(userKey, user.id, workspaces))
    return done
  }
}
