import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { lengthPrefixed } from './bytes.ts'
import { keyBytes } from './keys.ts'
import { failure, success, type Result } from './result.ts'
import { sodium } from './sodium.ts'

const wrapVersion = 1
const xchacha20Poly1305 = 1
const nonceStart = 2
const ciphertextStart = 26
/** Version 1, algorithm 1, nonce 24, key 32, tag 16. */
const wrappedBytes = 74

/** Why a wrapped key would not open. All are expected; none is a bug. */
export type UnwrapError =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'unsupported-version'; readonly version: number }
  | { readonly kind: 'unsupported-algorithm'; readonly algorithm: number }
  | { readonly kind: 'not-authentic' } // wrong key, wrong owner or altered bytes

/** What a wrapped key belongs to; the first part names the purpose. */
export type WrapContext = readonly (string | Uint8Array)[]

/** base64url( version 1 | algorithm 1 | nonce 24 | ciphertext 32 | tag 16 ). */
export function wrapKey(wrapping: Uint8Array, key: Uint8Array, context: WrapContext): string {
  if (key.length !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes`)
  const nonce = crypto.getRandomValues(new Uint8Array(ciphertextStart - nonceStart))
  return encodeBase64url(wrapWithNonce(wrapping, key, context, nonce))
}

/** With the caller's nonce: for `wrapKey` and the golden bytes. */
export function wrapWithNonce(
  wrapping: Uint8Array,
  key: Uint8Array,
  context: WrapContext,
  nonce: Uint8Array,
): Uint8Array {
  const aad = wrapAad(wrapVersion, xchacha20Poly1305, context)
  const bytes = new Uint8Array(wrappedBytes)
  bytes[0] = wrapVersion
  bytes[1] = xchacha20Poly1305
  bytes.set(nonce, nonceStart)
  bytes.set(
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(key, aad, null, nonce, wrapping),
    ciphertextStart,
  )
  return bytes
}

export function unwrapKey(
  wrapping: Uint8Array,
  wrapped: string,
  context: WrapContext,
): Result<Uint8Array, UnwrapError> {
  const bytes = decodeBase64url(wrapped)
  if (bytes === undefined) return failure({ kind: 'malformed' })
  const [version, algorithm] = bytes
  if (version === undefined || algorithm === undefined) return failure({ kind: 'malformed' })
  if (version !== wrapVersion) return failure({ kind: 'unsupported-version', version })
  if (algorithm !== xchacha20Poly1305) return failure({ kind: 'unsupported-algorithm', algorithm })
  if (bytes.length !== wrappedBytes) return failure({ kind: 'malformed' })
  try {
    const key = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      bytes.subarray(ciphertextStart),
      wrapAad(version, algorithm, context),
      bytes.subarray(nonceStart, ciphertextStart),
      wrapping,
    )
    return success(key)
  } catch {
    return failure({ kind: 'not-authentic' }) // its only failure on checked lengths
  }
}

function wrapAad(version: number, algorithm: number, context: WrapContext): Uint8Array {
  return lengthPrefixed('sealbook', Uint8Array.of(version), Uint8Array.of(algorithm), ...context)
}
