import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { keyBytes, type Kek } from './keys.ts'
import { failure, success, type Result } from './result.ts'
import { sodium } from './sodium.ts'

/** Public parameters of a secret-key slot: Argon2id version 1.3 (RFC 9106), one lane. */
export interface KdfParams {
  readonly algorithm: 'argon2id13'
  readonly memoryKiB: number
  readonly passes: number
  /** 16 bytes in base64url. */
  readonly salt: string
}

export interface KdfCost {
  readonly memoryKiB: number
  readonly passes: number
}

/** The client derives nothing under this cost, whoever asks for it. */
export const kdfFloor: KdfCost = { memoryKiB: 64 * 1024, passes: 3 }
/** Nor above this: a server must not be able to freeze a device. */
export const kdfCeiling: KdfCost = { memoryKiB: 1024 * 1024, passes: 12 }
/** For a device that can afford 256 MiB for about a second. */
export const kdfDefault: KdfCost = { memoryKiB: 256 * 1024, passes: 3 }
export const saltBytes = 16

/** Why no KEK was derived. */
export type KdfError =
  | { readonly kind: 'empty-secret-key' }
  | { readonly kind: 'unsupported-algorithm'; readonly algorithm: string }
  | { readonly kind: 'malformed-params' }
  | { readonly kind: 'below-floor' }
  | { readonly kind: 'above-ceiling' }
  | { readonly kind: 'out-of-memory' } // this device cannot give so much

/** New parameters with a random salt. */
export function newKdfParams(cost: KdfCost = kdfDefault): KdfParams {
  const salt = encodeBase64url(crypto.getRandomValues(new Uint8Array(saltBytes)))
  return { algorithm: 'argon2id13', memoryKiB: cost.memoryKiB, passes: cost.passes, salt }
}

/** NFKC, no white space at the ends, one space for every run inside. Letters keep their case. */
export function normaliseSecretKey(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, ' ').trim()
}

/**
 * KEK of a secret key, which is normalised here. Takes about a second and `memoryKiB` of memory
 * that WebAssembly does not give back: run it in a Worker that is then thrown away.
 */
export function deriveKek(secretKey: string, params: KdfParams): Result<Kek, KdfError> {
  const problem = kdfProblem(params)
  if (problem !== undefined) return failure(problem)
  const normalised = normaliseSecretKey(secretKey)
  if (normalised === '') return failure({ kind: 'empty-secret-key' })
  const salt = decodeBase64url(params.salt)
  if (salt?.length !== saltBytes) return failure({ kind: 'malformed-params' })
  try {
    const kek = sodium.crypto_pwhash(
      keyBytes,
      normalised,
      salt,
      params.passes,
      params.memoryKiB * 1024,
      sodium.crypto_pwhash_ALG_ARGON2ID13,
    )
    return success(kek as Kek)
  } catch {
    return failure({ kind: 'out-of-memory' }) // its only failure on checked parameters
  }
}

function kdfProblem(params: KdfParams): KdfError | undefined {
  const { algorithm, memoryKiB, passes } = params
  if ((algorithm as string) !== 'argon2id13') return { kind: 'unsupported-algorithm', algorithm }
  if (!Number.isSafeInteger(memoryKiB) || !Number.isSafeInteger(passes)) {
    return { kind: 'malformed-params' }
  }
  if (memoryKiB < kdfFloor.memoryKiB || passes < kdfFloor.passes) return { kind: 'below-floor' }
  if (memoryKiB > kdfCeiling.memoryKiB || passes > kdfCeiling.passes) {
    return { kind: 'above-ceiling' }
  }
  return undefined
}
