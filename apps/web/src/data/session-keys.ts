import type { KeySlot, UserKey, WorkspaceKeys } from '@sealbook/crypto'
import { openWorkspaces } from './key-ring.ts'
import {
  addOffers,
  addOwn,
  inBoth,
  lacksOf,
  markDataKeys,
  markSlot,
  missingOn,
  noKeptKeys,
  type KeptKeys,
} from './kept-keys.ts'
import {
  fetchKeys,
  noBase,
  postWorkspace,
  putDataKey,
  putSlot,
  type KeyBundle,
  type WrappedDataKey,
  type WrappedWorkspace,
} from './keys-api.ts'
import { done, type SessionCore, type SessionDeps } from './session-core.ts'
import type { Result, SendKeysError, ServerFailure, User } from './session-types.ts'

export type KeyKeeper = ReturnType<typeof createKeyKeeper>

/** What the server listed, and everything that the device holds after taking note of it. */
export interface AskedKeys {
  readonly listed: KeyBundle
  readonly kept: KeptKeys
}

/**
 * The keys that the device keeps of a person. An answer of the server adds to them and never
 * replaces or removes one: only what opened here takes the place of what opened before (ADR 40).
 */
export function createKeyKeeper(core: SessionCore, { api, device }: SessionDeps) {
  /** Asks the server, keeps what it offers beside what is here, and gives new DEKs to the ledger. */
  async function refresh(user: User): Promise<Result<AskedKeys, ServerFailure>> {
    const before = await device.readKeys(user.id)
    const answer = await fetchKeys(api)
    if (!answer.ok) {
      if (core.isOwner(user) && answer.error.kind === 'signed-out') core.expire()
      return answer
    }
    if (!core.isOwner(user)) return { ok: true, value: { listed: answer.value, kept: noKeptKeys } }
    core.restore()
    const kept = await device.updateKeys(user.id, (held) => addOffers(held, answer.value))
    const unlocked = core.unlocked()
    const isOpen = unlocked?.user.id === user.id
    if (isOpen) unlocked.ledger?.giveKeys(await open(user, unlocked.userKey))
    const known = isOpen ? await device.readKeys(user.id) : kept
    // What was made meanwhile is not missing.
    core.noteLacks(lacksOf(missingOn(answer.value, inBoth(known, before))))
    return { ok: true, value: { listed: answer.value, kept: known } }
  }

  /** Row keys of every workspace that opens; the copies that did are good from now on. */
  async function open(user: User, userKey: UserKey): Promise<readonly WorkspaceKeys[]> {
    const { workspaces, opened } = openWorkspaces(userKey, user.id, await device.readKeys(user.id))
    await device.updateKeys(user.id, (kept) => markDataKeys(kept, opened))
    return workspaces
  }

  /** The slot gave the user key that this device's ledger opens with. */
  async function approve(user: User, slot: KeySlot): Promise<void> {
    await device.updateKeys(user.id, (kept) => markSlot(kept, slot))
  }

  async function keepOwn(user: User, own: Partial<KeyBundle>): Promise<void> {
    await device.updateKeys(user.id, (kept) => addOwn(kept, { slots: [], workspaces: [], ...own }))
  }

  /** Gives the server what it lacks, as it says now. */
  async function send(user: User): Promise<Result<void, SendKeysError>> {
    const asked = await refresh(user)
    if (!asked.ok) return asked
    const missing = missingOn(asked.value.listed, asked.value.kept)
    for (const slot of missing.slots) {
      const put = await putSlot(api, slot, noBase)
      if (!put.ok) return put.error.kind === 'version-conflict' ? notTaken : failed(put.error)
    }
    for (const workspace of missing.workspaces) {
      const sent = await sendWorkspace(workspace)
      if (!sent.ok) return sent
    }
    const after = await refresh(user)
    if (!after.ok) return after
    return lacksOf(missingOn(after.value.listed, after.value.kept)) === null ? done : notTaken
  }

  async function sendWorkspace({
    workspaceId,
    dataKeys,
  }: WrappedWorkspace): Promise<Result<void, SendKeysError>> {
    for (const dataKey of dataKeys) {
      let put = await putDataKey(api, workspaceId, dataKey)
      if (!put.ok && put.error.kind === 'unknown-workspace') {
        const made = await makeAgain(workspaceId, dataKeys)
        if (!made.ok) return made
        put = await putDataKey(api, workspaceId, dataKey)
      }
      if (put.ok) continue
      const { error } = put
      return error.kind === 'unknown-workspace' ? notTaken : failed(error)
    }
    return done
  }

  /** Where the server forgot the workspace itself: under its own id, with its first DEK. */
  async function makeAgain(
    workspaceId: string,
    dataKeys: readonly WrappedDataKey[],
  ): Promise<Result<void, SendKeysError>> {
    const first = dataKeys.find(({ keyVersion }) => keyVersion === 1)
    if (first === undefined) return notTaken
    const posted = await postWorkspace(api, workspaceId, first)
    if (posted.ok) return posted
    const { error } = posted
    if (error.kind === 'too-many-workspaces') return notTaken
    return error.kind === 'server' && error.status === 409 ? notTaken : failed(error)
  }

  return { refresh, open, approve, keepOwn, send }
}

const notTaken = { ok: false, error: { kind: 'not-taken' } } as const

function failed<E>(error: E): Result<never, E> {
  return { ok: false, error }
}
