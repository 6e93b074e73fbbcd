import {
  createRecoveryKeySlot,
  generateDataKey,
  generateRecoveryKey,
  generateUserKey,
  recoveryKeyToWords,
  wrapDataKey,
  type UserKey,
} from '@sealbook/crypto'
import * as account from './account-api.ts'
import { openWorkspaces } from './key-ring.ts'
import { postKeys, postWorkspace, putSlot } from './keys-api.ts'
import { createSessionCore, done, noKeys, type SessionDeps } from './session-core.ts'
import { signedOut } from './session-state.ts'
import { clearAbandonedRows, writeStarterRows } from './starter-rows.ts'
import type { NewWorkspace, PendingKeys, SessionStore, WorkspaceId } from './session-types.ts'
import { newSecretKeySlot, openWithRecoveryKey, openWithSecretKey } from './unlocking.ts'

/** The session's state machine. `start` it once; `expire` it when the server says 401. */
export interface Session extends SessionStore {
  start(): Promise<void>
  expire(): Promise<void>
}

export function createSession(deps: SessionDeps): Session {
  const { api, device, tabs } = deps
  const core = createSessionCore(deps)
  /** Kept over a failed attempt: the server may have heard it, and answers the same again alike. */
  let attempt: ReturnType<typeof newWorkspaceKey> | null = null

  return {
    get state() {
      return core.state.value
    },
    subscribe: core.state.subscribe,
    sync: core.sync,
    start: core.start,
    expire: core.expire,
    supersede: core.supersede,

    async signUp(credentials) {
      const user = await account.signUp(api, credentials)
      if (user.ok) await core.become(user.value)
      return user.ok ? done : user
    },

    async signIn(credentials) {
      const user = await account.signIn(api, credentials)
      if (user.ok) await core.become(user.value)
      return user.ok ? done : user
    },

    async prepareKeys(secretKey) {
      const user = core.requireUser()
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
            if (posted.error.kind === 'keys-exist') await core.askForKeys(user)
            return posted
          }
          await device.writeKeys(user.id, { slots, workspaces: [] })
          await core.keepUnlocked(user, userKey, stayUnlocked)
          core.awaitWorkspace(user, userKey)
          return done
        },
      }
      return { ok: true, value: pending }
    },

    async unlock({ secretKey, stayUnlocked }) {
      const user = core.requireUser()
      const keys = await core.readKeys(user)
      if (!keys.ok) return keys
      let opened = await openWithSecretKey(keys.value.slots, user.id, secretKey, deps.derivation)
      if (!opened.ok && opened.error.kind === 'wrong-secret-key') {
        // It may have been changed on another device since the slots were kept here.
        const fresh = await core.refreshKeys(user)
        if (fresh.ok && JSON.stringify(fresh.value.slots) !== JSON.stringify(keys.value.slots)) {
          opened = await openWithSecretKey(fresh.value.slots, user.id, secretKey, deps.derivation)
        }
      }
      if (!opened.ok) return opened
      return core.unlockWith(user, opened.value, stayUnlocked)
    },

    async unlockWithRecoveryKey({ words, stayUnlocked }) {
      const user = core.requireUser()
      const keys = await core.readKeys(user)
      if (!keys.ok) return keys
      const opened = openWithRecoveryKey(keys.value.slots, user.id, words)
      if (!opened.ok) return opened
      return core.unlockWith(user, opened.value, stayUnlocked)
    },

    async changeSecretKey(secretKey) {
      const { user, userKey } = core.requireUnlocked()
      const keys = await core.refreshKeys(user)
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
      const user = core.requireUser()
      core.state.set({ kind: 'locked', user })
      await device.removeDeviceSlot(user.id)
      tabs.tell({ kind: 'locked', userId: user.id })
      await core.closeLedger()
    },

    async signOut({ discardUnsent }) {
      const user = core.requireUser()
      const ledger = core.ledger()
      const count = ledger === null ? await device.readUnsent(user.id) : await ledger.countUnsent()
      if (count > 0 && !discardUnsent)
        return { ok: false, error: { kind: 'unsent-changes', count } }
      core.state.set(signedOut)
      tabs.tell({ kind: 'signed-out', userId: user.id })
      await core.closeLedger()
      const database = await device.readDatabase(user.id)
      if (database !== undefined) await deps.removeDatabase(database.fileName, database.storage)
      await device.removeUser(user.id)
      await device.writeSignOutPending(true)
      await core.finishSignOut()
      return done
    },

    inspection() {
      const ledger = core.ledger()
      const { value } = core.state
      if (ledger === null || value.kind !== 'open') return null
      const { db, keys, storage } = ledger
      const wakeRouter = () => ledger.wakeRouter()
      return { db, workspaceId: value.workspaceId, keys, api, storage, wakeRouter }
    },

    listSessions: () => account.listSessions(api),
    revokeSession: (id) => account.revokeSession(api, id),
  }

  async function createWorkspace(
    workspace: NewWorkspace,
  ): ReturnType<SessionStore['createWorkspace']> {
    const { user, userKey } = core.requireUnlocked()
    const opened = await core.openDatabase(user, userKey)
    if (!opened.ok) return opened
    const ledger = opened.value
    if (attempt?.userId !== user.id) attempt = newWorkspaceKey(user.id, userKey)
    const { workspaceId, dataKey } = attempt
    await clearAbandonedRows(ledger.db)
    const written = await writeStarterRows(ledger.db, workspaceId, workspace)
    const posted = written.ok ? await postWorkspace(api, workspaceId, dataKey) : written
    if (!posted.ok) {
      await clearAbandonedRows(ledger.db)
      await ledger.close()
      const { error } = posted
      return 'column' in error
        ? { ok: false, error: { kind: 'invalid', column: error.column } }
        : { ok: false, error }
    }
    const kept = (await device.readKeys(user.id)) ?? noKeys
    const workspaces = [...kept.workspaces, { workspaceId, dataKeys: [dataKey] }]
    await device.writeKeys(user.id, { ...kept, workspaces })
    attempt = null
    core.show(user, userKey, ledger, workspaceId)
    ledger.start(openWorkspaces(userKey, user.id, workspaces))
    return done
  }
}

const firstKeyVersion = 1

function newWorkspaceKey(userId: string, userKey: UserKey) {
  const workspaceId = crypto.randomUUID() as string as WorkspaceId
  const place = { userKey, userId, workspaceId, keyVersion: firstKeyVersion }
  const wrapped = wrapDataKey({ ...place, dataKey: generateDataKey() })
  return { workspaceId, userId, dataKey: { keyVersion: firstKeyVersion, wrapped } }
}
