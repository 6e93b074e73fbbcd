import type { KeySlot } from '@sealbook/crypto'
import { isRecord, malformedAnswer, toServerFailure, type ApiClient } from './api-client.ts'
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
  const bundle = toBundle(answer.value)
  return bundle === null ? { ok: false, error: malformedAnswer } : { ok: true, value: bundle }
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
): Promise<Result<void, ServerFailure>> {
  const answer = await api.post('/api/workspaces', { id, dataKey })
  return answer.ok
    ? { ok: true, value: undefined }
    : { ok: false, error: toServerFailure(answer.error) }
}

/** Checks the shape only: what a slot says is refused or believed by `@sealbook/crypto`. */
function toBundle(body: unknown): KeyBundle | null {
  if (!isRecord(body) || !Array.isArray(body['slots']) || !Array.isArray(body['workspaces'])) {
    return null
  }
  const slots = body['slots'].map(toSlot)
  const workspaces = body['workspaces'].map(toWorkspace)
  return slots.includes(null) || workspaces.includes(null)
    ? null
    : { slots: slots as KeySlot[], workspaces: workspaces as WrappedWorkspace[] }
}

function toSlot(value: unknown): KeySlot | null {
  if (!isRecord(value)) return null
  const { id, kind, kdf, wrapped, version } = value
  if (typeof id !== 'string' || typeof wrapped !== 'string' || typeof version !== 'number')
    return null
  if (kind === 'recovery-key') return { id, kind, kdf: null, wrapped, version }
  if (kind !== 'secret-key' || !isRecord(kdf)) return null
  const { algorithm, memoryKiB, passes, salt } = kdf
  if (algorithm !== 'argon2id13' || typeof memoryKiB !== 'number') return null
  if (typeof passes !== 'number' || typeof salt !== 'string') return null
  return { id, kind, kdf: { algorithm, memoryKiB, passes, salt }, wrapped, version }
}

function toWorkspace(value: unknown): WrappedWorkspace | null {
  if (!isRecord(value)) return null
  const { workspaceId, dataKeys } = value
  if (typeof workspaceId !== 'string' || !Array.isArray(dataKeys)) return null
  const keys = dataKeys
    .filter(isRecord)
    .flatMap(({ keyVersion, wrapped }) =>
      typeof keyVersion === 'number' && typeof wrapped === 'string'
        ? [{ keyVersion, wrapped }]
        : [],
    )
  return keys.length === dataKeys.length ? { workspaceId, dataKeys: keys } : null
}
