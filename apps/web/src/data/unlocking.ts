import {
  createSecretKeySlot,
  openRecoveryKeySlot,
  openSecretKeySlot,
  recoveryKeyFromWords,
  type KdfError,
  type KeySlot,
  type RecoveryWordsError,
  type SlotError,
  type UserKey,
} from '@sealbook/crypto'
import type { deriveCalibrated, deriveInWorker } from './key-derivation.ts'
import type { DerivationFailure, Result } from './session-types.ts'

/** How KEKs are derived: in Workers in the app. */
export interface Derivation {
  readonly derive: typeof deriveInWorker
  readonly deriveCalibrated: typeof deriveCalibrated
}

export type OpenSlotError =
  DerivationFailure | { readonly kind: 'wrong-secret-key' } | { readonly kind: 'unusable-slot' }

/** A slot that opened, and the user key that was in it. */
export interface OpenedSlot {
  readonly slot: KeySlot
  readonly userKey: UserKey
}

/** The user key behind the secret key, by the one slot. Tries nothing else. */
export async function openWithSecretKey(
  slot: KeySlot,
  userId: string,
  secretKey: string,
  { derive }: Derivation,
): Promise<Result<OpenedSlot, OpenSlotError>> {
  if (slot.kdf === null) return { ok: false, error: { kind: 'unusable-slot' } }
  const derived = await derive(secretKey, slot.kdf)
  if (!derived.ok) return { ok: false, error: fromKdfError(derived.error) }
  const opened = openSecretKeySlot(slot, userId, derived.value.kek)
  return opened.ok
    ? { ok: true, value: { slot, userKey: opened.value } }
    : { ok: false, error: fromSlotError(opened.error) }
}

export type OpenRecoveryError =
  | { readonly kind: 'malformed-recovery-key'; readonly fault: RecoveryWordsError }
  | { readonly kind: 'wrong-recovery-key' }
  | { readonly kind: 'unusable-slot' }

export function openWithRecoveryKey(
  slot: KeySlot,
  userId: string,
  words: readonly string[],
): Result<OpenedSlot, OpenRecoveryError> {
  const recoveryKey = recoveryKeyFromWords([...words])
  if (!recoveryKey.ok) {
    return { ok: false, error: { kind: 'malformed-recovery-key', fault: recoveryKey.error } }
  }
  const opened = openRecoveryKeySlot(slot, userId, recoveryKey.value)
  if (opened.ok) return { ok: true, value: { slot, userKey: opened.value } }
  const wrong = opened.error.kind === 'not-authentic'
  return { ok: false, error: { kind: wrong ? 'wrong-recovery-key' : 'unusable-slot' } }
}

/** A slot for the same user key at the cost that this device bears. */
export async function newSecretKeySlot(
  input: {
    readonly id: string
    readonly version: number
    readonly userId: string
    readonly userKey: UserKey
    readonly secretKey: string
  },
  derivation: Derivation,
): Promise<Result<KeySlot, DerivationFailure>> {
  const { secretKey, ...slot } = input
  const derived = await derivation.deriveCalibrated(secretKey)
  if (!derived.ok) {
    if (derived.error.kind !== 'out-of-memory') throw new Error(`no KEK: ${derived.error.kind}`)
    return { ok: false, error: { kind: 'not-enough-memory' } }
  }
  const { kek, params } = derived.value
  return { ok: true, value: createSecretKeySlot({ ...slot, kek, kdf: params }) }
}

function fromKdfError(error: KdfError): OpenSlotError {
  switch (error.kind) {
    case 'empty-secret-key':
      return { kind: 'wrong-secret-key' }
    case 'out-of-memory':
      return { kind: 'not-enough-memory' }
    case 'unsupported-algorithm':
    case 'malformed-params':
    case 'below-floor':
    case 'above-ceiling':
      return { kind: 'unusable-slot' }
  }
}

function fromSlotError(error: SlotError): OpenSlotError {
  switch (error.kind) {
    case 'not-authentic':
      return { kind: 'wrong-secret-key' }
    case 'malformed':
    case 'unsupported-version':
    case 'unsupported-algorithm':
    case 'wrong-kind':
      return { kind: 'unusable-slot' }
  }
}
