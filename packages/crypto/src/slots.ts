import { decodeBase64url } from './base64url.ts'
import { lengthPrefixed, uint32 } from './bytes.ts'
import { saltBytes, type KdfParams } from './kdf.ts'
import { keyBytes, type Kek, type RecoveryKey, type UserKey } from './keys.ts'
import { failure, success, type Result } from './result.ts'
import { sodium } from './sodium.ts'
import { unwrapKey, wrapKey, type UnwrapError, type WrapContext } from './wrapping.ts'

export type SlotKind = 'secret-key' | 'recovery-key'

/** One way to unwrap the user key, as the server stores it: JSON-safe and public. */
export interface KeySlot {
  /** Chosen by the client; bound by the wrapping. */
  readonly id: string
  readonly kind: SlotKind
  /** Of a secret-key slot; null otherwise. Bound by the wrapping. */
  readonly kdf: KdfParams | null
  readonly wrapped: string
  /** The server's compare-and-set counter. Not bound: the server moves it. */
  readonly version: number
}

/** Why a slot would not open: `not-authentic` is what a wrong secret key looks like. */
export type SlotError = UnwrapError | { readonly kind: 'wrong-kind' }

export function createSecretKeySlot(input: {
  readonly id: string
  readonly userId: string
  readonly userKey: UserKey
  readonly kek: Kek
  readonly kdf: KdfParams
  readonly version: number
}): KeySlot {
  const { id, kdf, version } = input
  const context = slotContext(input.userId, id, 'secret-key', kdf)
  if (context === undefined) throw new Error('malformed KDF parameters')
  const wrapped = wrapKey(input.kek, input.userKey, context)
  return { id, kind: 'secret-key', kdf, wrapped, version }
}

/** @param kek of `deriveKek` with the slot's own parameters. */
export function openSecretKeySlot(
  slot: KeySlot,
  userId: string,
  kek: Kek,
): Result<UserKey, SlotError> {
  return openSlot(slot, userId, kek, 'secret-key')
}

export function createRecoveryKeySlot(input: {
  readonly id: string
  readonly userId: string
  readonly userKey: UserKey
  readonly recoveryKey: RecoveryKey
  readonly version: number
}): KeySlot {
  const { id, version } = input
  const context = slotContext(input.userId, id, 'recovery-key', null)
  if (context === undefined) throw new Error('a recovery-key slot needs no parameters')
  const wrapped = wrapKey(recoveryKek(input.recoveryKey), input.userKey, context)
  return { id, kind: 'recovery-key', kdf: null, wrapped, version }
}

export function openRecoveryKeySlot(
  slot: KeySlot,
  userId: string,
  recoveryKey: RecoveryKey,
): Result<UserKey, SlotError> {
  return openSlot(slot, userId, recoveryKek(recoveryKey), 'recovery-key')
}

/** The recovery key has full entropy: a keyed hash suffices to derive its KEK. */
export function recoveryKek(recoveryKey: RecoveryKey): Uint8Array {
  return sodium.crypto_generichash(
    keyBytes,
    lengthPrefixed('sealbook', 'recovery-kek'),
    recoveryKey,
  )
}

/** What a slot's wrapping binds, or undefined when the parameters are malformed. */
function slotContext(
  userId: string,
  slotId: string,
  kind: SlotKind,
  kdf: KdfParams | null,
): WrapContext | undefined {
  const params = encodeKdf(kind, kdf)
  return params === undefined ? undefined : ['slot', userId, slotId, kind, params]
}

function openSlot(
  slot: KeySlot,
  userId: string,
  kek: Uint8Array,
  kind: SlotKind,
): Result<UserKey, SlotError> {
  if (slot.kind !== kind) return failure({ kind: 'wrong-kind' })
  const context = slotContext(userId, slot.id, kind, slot.kdf)
  if (context === undefined) return failure({ kind: 'malformed' })
  const opened = unwrapKey(kek, slot.wrapped, context)
  return opened.ok ? success(opened.value as UserKey) : opened
}

/** Empty for a slot without parameters, which only a recovery-key slot may be. */
function encodeKdf(kind: SlotKind, kdf: KdfParams | null): Uint8Array | undefined {
  if (kdf === null) return kind === 'recovery-key' ? new Uint8Array(0) : undefined
  if (kind !== 'secret-key') return undefined
  const salt = decodeBase64url(kdf.salt)
  if (salt?.length !== saltBytes || !isUint32(kdf.memoryKiB) || !isUint32(kdf.passes)) {
    return undefined
  }
  return lengthPrefixed(kdf.algorithm, uint32(kdf.memoryKiB), uint32(kdf.passes), salt)
}

function isUint32(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32
}
