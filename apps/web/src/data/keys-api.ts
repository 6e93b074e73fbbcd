import type { KeySlot } from '@sealbook/crypto'
import * as z from 'zod/mini'
import { malformedAnswer, toServerFailure, type ApiClient } from './api-client.ts'
import type { Result, ServerFailure } from './session-types.ts'

export interface WrappedDataKey {
  readonly keyVersion: number
  readonly wrapped: string
}

export interface WrappedWorkspace {
  readonly workspaceId: string
  readonly dataKeys: readonly WrappedDataKey[]
}

/** What unlocking needs, all of it wrapped: kept on the device so that it works offline. */
export interface KeyBundle {
  readonly slots: readonly KeySlot[]
  readonly workspaces: readonly WrappedWorkspace[]
}

export async function fetchKeys(api: ApiClient): Promise<Result<KeyBundle, ServerFailure>> {
  const answer = await api.get('/api/keys')
  if (!answer.ok) return { ok: false, error: toServerFailure(answer.error) }
  const bundle = keysAnswer.safeParse(answer.value)
  return bundle.success ? { ok: true, value: bundle.data } : { ok: false, error: malformedAnswer }
}

/** Creates the person's slots; the server never replaces existing ones this way. */
export async function postKeys(
  api: ApiClient,
  slots: readonly KeySlot[],
): Promise<Result<void, ServerFailure | { kind: 'keys-exist' }>> {
  const answer = await api.post('/api/keys', { slots })
  if (answer.ok) return { ok: true, value: undefined }
  const taken = answer.error.kind === 'refused' && answer.error.status === 409
  return { ok: false, error: taken ? { kind: 'keys-exist' } : toServerFailure(answer.error) }
}

/** `baseVersion` of a slot that is put where the server has none of its kind. */
export const noBase = 0

/** Compare-and-set: `slot` replaces the one whose version is `baseVersion`. */
export async function putSlot(
  api: ApiClient,
  slot: KeySlot,
  baseVersion: number,
): Promise<Result<void, ServerFailure | { kind: 'version-conflict' }>> {
  const answer = await api.put(`/api/keys/slots/${slot.id}`, { baseVersion, slot })
  if (answer.ok) return { ok: true, value: undefined }
  const conflict = answer.error.kind === 'refused' && answer.error.status === 409
  return {
    ok: false,
    error: conflict ? { kind: 'version-conflict' } : toServerFailure(answer.error),
  }
}

/** Idempotent for the same id and owner. */
export async function postWorkspace(
  api: ApiClient,
  id: string,
  dataKey: WrappedDataKey,
): Promise<Result<void, ServerFailure | { kind: 'too-many-workspaces' }>> {
  const answer = await api.post('/api/workspaces', { id, dataKey })
  if (answer.ok) return { ok: true, value: undefined }
  const { error } = answer
  const isLimit = error.kind === 'refused' && error.code === 'too-many-workspaces'
  return { ok: false, error: isLimit ? { kind: 'too-many-workspaces' } : toServerFailure(error) }
}

/** Puts a wrapped DEK where the server has none, never over another. */
export async function putDataKey(
  api: ApiClient,
  workspaceId: string,
  { keyVersion, wrapped }: WrappedDataKey,
): Promise<Result<void, ServerFailure | { kind: 'not-taken' } | { kind: 'unknown-workspace' }>> {
  const path = `/api/workspaces/${workspaceId}/data-keys/${keyVersion}`
  const answer = await api.put(path, { wrapped })
  if (answer.ok) return { ok: true, value: undefined }
  const { error } = answer
  if (error.kind !== 'refused') return { ok: false, error }
  switch (error.status) {
    case 404:
      return { ok: false, error: { kind: 'unknown-workspace' } }
    case 409:
      return { ok: false, error: { kind: 'not-taken' } }
    default:
      return { ok: false, error: toServerFailure(error) }
  }
}

/*
 * The shape of an answer and its size, so that none costs more than it should: what a slot says is
 * refused or believed by `@sealbook/crypto`.
 */
const mostSlots = 8
const mostWorkspaces = 200
const mostVersions = 100

const uuid = z.string().check(z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/))
const wrapped = z.string().check(z.minLength(1), z.maxLength(512))
const count = z.number().check(z.int(), z.nonnegative())
const slotFields = { id: uuid, wrapped, version: count }
const slot = z.discriminatedUnion('kind', [
  z.object({
    ...slotFields,
    kind: z.literal('secret-key'),
    kdf: z.object({
      algorithm: z.literal('argon2id13'),
      memoryKiB: count,
      passes: count,
      salt: z.string().check(z.maxLength(64)),
    }),
  }),
  z.object({ ...slotFields, kind: z.literal('recovery-key'), kdf: z.null() }),
])
const workspace = z.object({
  workspaceId: uuid,
  dataKeys: z.array(z.object({ keyVersion: count, wrapped })).check(z.maxLength(mostVersions)),
})
const keysAnswer = z.object({
  slots: z.array(slot).check(z.maxLength(mostSlots)),
  workspaces: z.array(workspace).check(z.maxLength(mostWorkspaces)),
})
