import type { UserKey } from '@sealbook/crypto'
import { hasPastRows } from '@sealbook/crypto-router'
import { schemaVersion } from '@sealbook/schema'
import { createDeviceSlot, openDeviceSlot } from './device-slot.ts'
import { newDatabaseRecord, openDatabaseRecord } from './key-ring.ts'
import type { Ledger } from './ledger.ts'
import { done, type SessionCore, type SessionDeps } from './session-core.ts'
import type { KeyKeeper } from './session-keys.ts'
import { starting } from './session-state.ts'
import type {
  AskError,
  DatabaseFailure,
  ForeignKeyFailure,
  Result,
  User,
  WorkspaceId,
} from './session-types.ts'
import type { TabMessage } from './tabs.ts'

export type Entry = ReturnType<typeof createEntry>

/** The ways from one state to the next: from the start of the app to an open ledger. */
export function createEntry(core: SessionCore, keeper: KeyKeeper, deps: SessionDeps) {
  const { device, tabs } = deps

  async function start(): Promise<void> {
    void core.finishSignOut()
    const user = await device.readUser()
    if (user === undefined) return core.disown()
    core.own(user)
    const slot = await device.readDeviceSlot(user.id)
    const userKey = slot === undefined ? null : await openDeviceSlot(slot, user.id)
    if (userKey !== null && (await enter(user, userKey)).ok) return void keeper.refresh(user)
    // What stands in the way is the ledger's file: its screen stays.
    if (core.state.value.kind === 'unopened') return
    await askForKeys(user)
  }

  /** To the question for the secret key; only for a device without keys, the server is asked first. */
  async function askForKeys(user: User, justSignedUp = false): Promise<void> {
    if ((await device.readKeys(user.id)).slots.length > 0) {
      core.state.set({ kind: 'locked', user })
      return void keeper.refresh(user)
    }
    const asked = await keeper.refresh(user)
    if (!core.isOwner(user)) return
    if (!asked.ok) return core.state.set({ kind: 'needs-answer', user, reason: asked.error })
    if (asked.value.kept.slots.length > 0) return core.state.set({ kind: 'locked', user })
    // A ledger that is here was made with keys: others would never open it.
    core.state.set(
      (await hasPast(user))
        ? { kind: 'needs-answer', user, reason: { kind: 'keys-missing' } }
        : { kind: 'needs-keys', user, justSignedUp },
    )
  }

  /** Whatever the answer, a ledger that is open stays so. */
  async function askAgain(user: User): Promise<Result<void, AskError>> {
    const unlocked = core.unlocked()
    const { kind } = core.state.value
    if (kind === 'workspace-missing' && unlocked !== null) return enter(user, unlocked.userKey)
    if (kind !== 'needs-answer' && kind !== 'needs-keys') {
      const asked = await keeper.refresh(user)
      return asked.ok ? done : asked
    }
    await askForKeys(user)
    const { value } = core.state
    if (value.kind !== 'needs-answer' || value.reason.kind === 'keys-missing') return done
    return { ok: false, error: value.reason }
  }

  /** From a user key to an open ledger; without a DEK that opens, to what that means here. */
  async function enter(
    user: User,
    userKey: UserKey,
    justSetUp = false,
  ): Promise<Result<void, AskError>> {
    let workspaces = await keeper.open(user, userKey)
    if (workspaces.length === 0) {
      const asked = await keeper.refresh(user)
      workspaces = await keeper.open(user, userKey)
      if (workspaces.length === 0) {
        if (await isForeign(user, userKey)) return { ok: false, error: { kind: 'other-keys' } }
        const past = await findPast(user, userKey)
        if (!past.ok) return past
        if (!past.value && !asked.ok) return asked
        core.hold(user, userKey)
        core.state.set(
          past.value
            ? { kind: 'workspace-missing', user }
            : { kind: 'needs-workspace', user, justSetUp },
        )
        return done
      }
    }
    const opened = await openDatabase(user, userKey)
    if (!opened.ok) {
      if (opened.error.kind === 'database-unreadable') {
        const unsent = await device.readUnsent(user.id)
        core.state.set({ kind: 'unopened', user, failure: opened.error, unsent })
      }
      return opened
    }
    core.show(user, userKey, opened.value, workspaces[0]?.workspaceId as WorkspaceId)
    opened.value.start(workspaces)
    return done
  }

  /** After a slot opened: into the ledger, and the device slot where the person asked for it. */
  async function unlockWith(
    user: User,
    userKey: UserKey,
    stayUnlocked: boolean,
  ): Promise<Result<void, AskError>> {
    const entered = await enter(user, userKey)
    if (!entered.ok) return entered
    await keepUnlocked(user, userKey, stayUnlocked)
    void keeper.refresh(user)
    return done
  }

  async function keepUnlocked(user: User, userKey: UserKey, stayUnlocked: boolean): Promise<void> {
    if (stayUnlocked)
      await device.writeDeviceSlot(user.id, await createDeviceSlot(userKey, user.id))
  }

  async function openDatabase(
    user: User,
    userKey: UserKey,
  ): Promise<Result<Ledger, DatabaseFailure | ForeignKeyFailure>> {
    const existing = await device.readDatabase(user.id)
    const record =
      existing ??
      (await device.keepDatabase(
        user.id,
        newDatabaseRecord(userKey, user.id, await deps.detectStorage()),
      ))
    const access = openDatabaseRecord(userKey, user.id, record)
    if (access === null) return { ok: false, error: { kind: 'other-keys' } }
    const openedOnce = await device.readFirstSync(user.id)
    const opened = await deps.openLedger({
      access,
      userId: user.id,
      openedOnce,
      onOutdated: core.supersede,
      onSignedOut: core.expire,
      onSignedIn: core.restore,
      onMemberships: (workspaceIds) => void learnWorkspaces(user, workspaceIds),
    })
    if (opened.ok && core.state.value.kind === 'outdated') {
      await opened.value.close()
      return { ok: false, error: { kind: 'newer-version' } }
    }
    if (opened.ok) tabs.tell({ kind: 'opened', schemaVersion })
    else if (opened.error.kind === 'newer-version') core.supersede()
    return opened
  }

  /** A membership whose key this device lacks was made elsewhere: its DEK waits on the server. */
  async function learnWorkspaces(user: User, workspaceIds: readonly string[]): Promise<void> {
    const known = (await device.readKeys(user.id)).dataKeys.map((key) => key.workspaceId)
    if (workspaceIds.some((id) => !known.includes(id))) await keeper.refresh(user)
  }

  /** Whether what this device holds opens with another user key. */
  async function isForeign(user: User, userKey: UserKey): Promise<boolean> {
    // None opens: those that did were wrapped by another.
    if ((await device.readKeys(user.id)).dataKeys.some((key) => key.opened)) return true
    const record = await device.readDatabase(user.id)
    return record !== undefined && openDatabaseRecord(userKey, user.id, record) === null
  }

  /** By the device's own memory, without a look into its database. */
  async function hasPast(user: User): Promise<boolean> {
    if ((await device.readKeys(user.id)).dataKeys.length > 0) return true
    if (await device.readFirstSync(user.id)) return true
    return (await device.readDatabase(user.id)) !== undefined
  }

  /** Whether this device ever held a workspace. Rows of an attempt that failed are none. */
  async function findPast(
    user: User,
    userKey: UserKey,
  ): Promise<Result<boolean, DatabaseFailure | ForeignKeyFailure>> {
    if ((await device.readKeys(user.id)).dataKeys.length > 0) return { ok: true, value: true }
    if (await device.readFirstSync(user.id)) return { ok: true, value: true }
    if ((await device.readDatabase(user.id)) === undefined) return { ok: true, value: false }
    const opened = await openDatabase(user, userKey)
    if (!opened.ok) return opened
    const attempt = await device.readAttempt(user.id)
    const found = await hasPastRows(opened.value.db, attempt?.workspaceId ?? null)
    await opened.value.close()
    return { ok: true, value: found }
  }

  async function become(user: User, justSignedUp: boolean): Promise<void> {
    await device.writeUser(user)
    await device.writeSignOutPending(false)
    core.own(user)
    core.state.set(starting)
    await askForKeys(user, justSignedUp)
    tabs.tell({ kind: 'signed-in', userId: user.id })
  }

  /** Where the session left off: the ledger connects, and the server is asked what it lists. */
  async function resume(user: User): Promise<void> {
    core.restore()
    if (core.state.value.kind === 'needs-answer') await askForKeys(user)
    else void keeper.refresh(user)
  }

  /** Opens again what a suspended page closed, if nobody locked it meanwhile. */
  async function wake(): Promise<void> {
    const { value } = core.state
    const suspended = core.unlocked()
    if (!core.takeSuspended() || suspended === null || value.kind !== 'open') return
    const { user, userKey } = suspended
    const opened = await openDatabase(user, userKey)
    const workspaces = await keeper.open(user, userKey)
    if (core.unlocked() === suspended && opened.ok) {
      core.show(user, userKey, opened.value, value.workspaceId)
      return opened.value.start(workspaces)
    }
    if (opened.ok) await opened.value.close()
    if (core.unlocked() === suspended) await core.lock(user)
  }

  async function onTabMessage(message: TabMessage): Promise<void> {
    if (core.state.value.kind === 'outdated') return
    if (message.kind === 'opened') {
      if (message.schemaVersion > schemaVersion) core.supersede()
      return
    }
    const user = core.owner()
    if (message.kind === 'signed-in' && user === null) return start()
    if (user?.id !== message.userId) return
    switch (message.kind) {
      case 'signed-in':
        if (core.standing.value.isSignedOut) await resume(user)
        return
      case 'session-ended':
        return core.expire()
      case 'locked':
        // A form that a person is filling in stays.
        return core.state.value.kind === 'locked' ? undefined : core.lock(user)
      case 'signed-out':
        core.disown()
        return core.closeLedger()
    }
  }

  tabs.listen((message) => void onTabMessage(message))

  return {
    start,
    askForKeys,
    askAgain,
    enter,
    unlockWith,
    keepUnlocked,
    openDatabase,
    findPast,
    become,
    resume,
    wake,
  }
}
