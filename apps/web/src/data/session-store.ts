import {
  createRecoveryKeySlot,
  generateDataKey,
  generateRecoveryKey,
  generateUserKey,
  recoveryKeyToWords,
  wrapDataKey,
  type UserKey,
} from '@sealbook/crypto'
import { discardUnsealed } from '@sealbook/crypto-router'
import * as account from './account-api.ts'
import { isSameSlot } from './kept-keys.ts'
import { noBase, postKeys, postWorkspace, putSlot } from './keys-api.ts'
import { createSessionCore, done, type SessionDeps } from './session-core.ts'
import { createEntry } from './session-entry.ts'
import { createKeyKeeper } from './session-keys.ts'
import { createUnlocking } from './session-unlock.ts'
import { writeStarterRows } from './starter-rows.ts'
import type { WorkspaceAttempt } from './device-store.ts'
import type {
  NewWorkspace,
  PendingKeys,
  Result,
  ServerFailure,
  SessionStore,
  WorkspaceId,
} from './session-types.ts'
import { newSecretKeySlot } from './unlocking.ts'

/** The session's state machine. `start` it once; `expire` it when the server says 401. */
export interface Session extends SessionStore {
  start(): Promise<void>
  expire(): void
  suspend(isLast: boolean): void
  wake(): Promise<void>
  /** Whose device this is; null after a sign-out. */
  ownerId(): string | null
}

export function createSession(deps: SessionDeps): Session {
  const { api, device, tabs } = deps
  const core = createSessionCore(deps)
  const keeper = createKeyKeeper(core, deps)
  const entry = createEntry(core, keeper, deps)
  const unlocking = createUnlocking(core, keeper, entry, deps)

  return {
    get state() {
      return core.state.value
    },
    get standing() {
      return core.standing.value
    },
    subscribe(listener) {
      const unsubscribe = [core.state.subscribe(listener), core.standing.subscribe(listener)]
      return () => unsubscribe.forEach((stop) => stop())
    },
    sync: core.sync,
    start: entry.start,
    expire: core.expire,
    suspend: core.suspend,
    wake: entry.wake,
    supersede: core.supersede,
    takeOver: () => core.unlocked()?.ledger?.takeOver(),
    ownerId: () => core.owner()?.id ?? null,

    async signUp(credentials) {
      const user = await account.signUp(api, credentials)
      if (user.ok) await entry.become(user.value, true)
      return user.ok ? done : user
    },

    async signIn(credentials) {
      const user = await account.signIn(api, credentials)
      if (user.ok) await entry.become(user.value, false)
      return user.ok ? done : user
    },

    async signInAgain(password) {
      const user = core.requireUser()
      const answer = await account.signIn(api, { email: user.email, password })
      if (!answer.ok) return answer
      if (answer.value.id !== user.id) {
        // Nothing of this ledger may travel with that session.
        await account.signOut(api)
        return { ok: false, error: { kind: 'other-account' } }
      }
      tabs.tell({ kind: 'signed-in', userId: user.id })
      await entry.resume(user)
      return done
    },

    askAgain: () => entry.askAgain(core.requireUser()),

    sendKeptKeys: () => keeper.send(core.requireUser()),

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
            if (posted.error.kind === 'signed-out') core.expire()
            if (posted.error.kind !== 'keys-exist') return posted
            // An answer that was lost leaves these very keys there.
            const asked = await keeper.refresh(user)
            const isTheirs = (own: (typeof slots)[number]) =>
              asked.ok && asked.value.listed.slots.some((listed) => isSameSlot(listed, own))
            if (!slots.every(isTheirs)) {
              await entry.askForKeys(user)
              return posted
            }
          }
          await keeper.keepOwn(user, { slots })
          await entry.keepUnlocked(user, userKey, stayUnlocked)
          core.hold(user, userKey)
          core.state.set({ kind: 'needs-workspace', user, justSetUp: true })
          return done
        },
      }
      return { ok: true, value: pending }
    },

    unlock: unlocking.unlock,
    unlockWithRecoveryKey: unlocking.unlockWithRecoveryKey,

    async changeSecretKey(secretKey) {
      const { user, userKey } = core.requireUnlocked()
      const asked = await keeper.refresh(user)
      if (!asked.ok) return asked
      const old = asked.value.listed.slots.find((slot) => slot.kind === 'secret-key')
      const id = old?.id ?? crypto.randomUUID()
      const slot = await newSecretKeySlot(
        { id, version: (old?.version ?? noBase) + 1, userId: user.id, userKey, secretKey },
        deps.derivation,
      )
      if (!slot.ok) return slot
      const put = await putSlot(api, slot.value, old?.version ?? noBase)
      if (!put.ok) return put
      await keeper.keepOwn(user, { slots: [slot.value] })
      return done
    },

    createWorkspace: (workspace) => createWorkspace(workspace),

    async lock() {
      const user = core.requireUser()
      tabs.tell({ kind: 'locked', userId: user.id })
      await core.lock(user)
    },

    async removeUnopened() {
      const user = core.requireUser()
      if (core.state.value.kind !== 'unopened') throw new Error('the ledger may well open')
      const database = await device.readDatabase(user.id)
      if (database !== undefined) await deps.removeDatabase(database.fileName, database.storage)
      await device.removeDatabase(user.id)
      core.state.set({ kind: 'locked', user })
    },

    async signOut({ discardUnsent }) {
      const user = core.requireUser()
      const ledger = core.unlocked()?.ledger ?? null
      const count = ledger === null ? await device.readUnsent(user.id) : await ledger.countUnsent()
      if (count > 0 && !discardUnsent)
        return { ok: false, error: { kind: 'unsent-changes', count } }
      core.disown()
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
      const ledger = core.unlocked()?.ledger ?? null
      const { value } = core.state
      if (ledger === null || value.kind !== 'open') return null
      const { db, keys, storage } = ledger
      const wakeRouter = () => ledger.wakeRouter()
      return { db, workspaceId: value.workspaceId, keys, api, storage, wakeRouter }
    },

    listSessions: async () => noting(await account.listSessions(api)),
    revokeSession: async (id) => noting(await account.revokeSession(api, id)),

    listLeftLedgers: () => device.listLeft(core.owner()?.id ?? null),
    async removeLeftLedger({ userId, database }) {
      if (userId === core.owner()?.id) throw new Error('this is the ledger in use')
      if (database !== null) await deps.removeDatabase(database.fileName, database.storage)
      await device.removeUser(userId)
    },
  }

  function noting<T>(answer: Result<T, ServerFailure>): Result<T, ServerFailure> {
    if (!answer.ok && answer.error.kind === 'signed-out') core.expire()
    return answer
  }

  async function createWorkspace(
    workspace: NewWorkspace,
  ): ReturnType<SessionStore['createWorkspace']> {
    const { user, userKey } = core.requireUnlocked()
    const past = await entry.findPast(user, userKey)
    if (!past.ok) return past
    if (past.value) {
      core.state.set({ kind: 'workspace-missing', user })
      return { ok: false, error: { kind: 'has-past' } }
    }
    const opened = await entry.openDatabase(user, userKey)
    if (!opened.ok) return opened
    const ledger = opened.value
    // The server may have heard a failed attempt: the same one again is answered alike.
    const attempt = await device.keepAttempt(user.id, newAttempt(user.id, userKey))
    const { workspaceId, dataKey } = attempt
    await discardUnsealed(ledger.db, workspaceId)
    const written = await writeStarterRows(ledger.db, workspaceId, workspace)
    const posted = written.ok ? await postWorkspace(api, workspaceId, dataKey) : written
    if (!posted.ok) {
      await discardUnsealed(ledger.db, workspaceId)
      await ledger.close()
      const { error } = posted
      if ('column' in error) return { ok: false, error: { kind: 'invalid', column: error.column } }
      if (error.kind === 'signed-out') core.expire()
      return { ok: false, error }
    }
    await keeper.keepOwn(user, { workspaces: [{ workspaceId, dataKeys: [dataKey] }] })
    await device.removeAttempt(user.id)
    core.show(user, userKey, ledger, workspaceId)
    ledger.start(await keeper.open(user, userKey))
    return done
  }
}

const firstKeyVersion = 1

function newAttempt(userId: string, userKey: UserKey): WorkspaceAttempt {
  const workspaceId = crypto.randomUUID() as string as WorkspaceId
  const place = { userKey, userId, workspaceId, keyVersion: firstKeyVersion }
  const wrapped = wrapDataKey({ ...place, dataKey: generateDataKey() })
  return { workspaceId, dataKey: { keyVersion: firstKeyVersion, wrapped } }
}
