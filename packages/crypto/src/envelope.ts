import { reserveArena } from './arena.ts'
import { decodeBase64urlInto, decodedLength } from './base64url.ts'
import { readUint32, writeUint32 } from './bytes.ts'
import type { RowKeys, WorkspaceKeys } from './data-keys.ts'
import { envelopeVersion, PlaceWriter, xchacha20Poly1305, type Place } from './place.ts'
import { failure, type Result } from './result.ts'
import { compiledSodium } from './sodium.ts'
import {
  readValue,
  valueCapacity,
  writeValue,
  type FieldType,
  type FieldValue,
  type ValueError,
} from './value.ts'

/** Why an envelope would not open. All are expected; none is a bug. */
export type OpenError =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'unsupported-version'; readonly version: number }
  | { readonly kind: 'unsupported-algorithm'; readonly algorithm: number }
  | { readonly kind: 'missing-dek'; readonly keyVersion: number }
  | { readonly kind: 'not-authentic' } // wrong key, wrong place or altered bytes
  | ValueError

export const nonceBytes = 24
/** Longest text that is sealed, in UTF-16 units: far above every column's own limit. */
export const maxTextLength = 1_048_576

/**
 * Envelope of one value: base64url( version 1 | algorithm 1 | key version 4 | nonce 24 |
 * ciphertext | tag 16 ), authentic only under these keys and in this place.
 * @param nonce 24 bytes that are never used again: see `drawNonces`.
 * @throws on a value that the type cannot hold, a nonce of another size or a foreign workspace.
 */
export function sealValue(
  keys: RowKeys,
  place: Place,
  type: FieldType,
  value: FieldValue,
  nonce: Uint8Array,
): string {
  if (keys.workspaceId !== place.workspaceId) throw new Error('keys of another workspace')
  if (nonce.length !== nonceBytes) throw new RangeError(`a nonce has ${nonceBytes} bytes`)
  if (typeof value === 'string' && value.length > maxTextLength) throw new RangeError('too long')
  const arena = reserveArena(envelopeStart + headerBytes + valueCapacity(value) + tagBytes)
  const { base } = arena
  const sodium = compiledSodium()
  const heap = sodium.HEAPU8
  const envelope = base + envelopeStart
  const body = envelope + headerBytes
  heap[envelope] = envelopeVersion
  heap[envelope + 1] = xchacha20Poly1305
  writeUint32(heap, envelope + 2, keys.keyVersion)
  heap.set(nonce, envelope + nonceStart)
  heap.set(keys.fields, base)
  const aad = base + aadStart
  const aadLength = places.write(arena, heap, aad, envelope, place, keys.keyVersion)
  if (aadLength < 0) throw new RangeError('the names of this place are too long')
  const length = writeValue(heap, body, type, value)
  // In place: the ciphertext takes the plaintext's room.
  sodium._crypto_aead_xchacha20poly1305_ietf_encrypt(
    body,
    0,
    body,
    length,
    0,
    aad,
    aadLength,
    0,
    0,
    envelope + nonceStart,
    base,
  )
  return arena.encode(heap, envelope, body + length + tagBytes)
}

/** The value, if the envelope was sealed under these keys, in this place. */
export function openValue(
  keys: WorkspaceKeys,
  place: Place,
  type: FieldType,
  envelope: string,
): Result<FieldValue, OpenError> {
  if (typeof envelope !== 'string') return malformed
  const size = decodedLength(envelope.length)
  if (size < smallestEnvelope || size > largestEnvelope) return malformed
  const arena = reserveArena(envelopeStart + size)
  const { base } = arena
  const sodium = compiledSodium()
  const heap = sodium.HEAPU8
  const start = base + envelopeStart
  if (!decodeBase64urlInto(envelope, heap, start)) return malformed
  const version = heap[start] ?? 0
  if (version !== envelopeVersion) return failure({ kind: 'unsupported-version', version })
  const algorithm = heap[start + 1] ?? 0
  if (algorithm !== xchacha20Poly1305) return failure({ kind: 'unsupported-algorithm', algorithm })
  const keyVersion = readUint32(heap, start + 2)
  const rowKeys = keys.byVersion.get(keyVersion)
  if (rowKeys === undefined) return failure({ kind: 'missing-dek', keyVersion })
  heap.set(rowKeys.fields, base)
  const aad = base + aadStart
  const aadLength = places.write(arena, heap, aad, start, place, keyVersion)
  if (aadLength < 0) return notAuthentic // nothing is ever sealed at such a place
  const body = start + headerBytes
  const length = size - headerBytes
  const refused = sodium._crypto_aead_xchacha20poly1305_ietf_decrypt(
    body,
    0,
    0,
    body,
    length,
    0,
    aad,
    aadLength,
    0,
    start + nonceStart,
    base,
  )
  if (refused !== 0) return notAuthentic
  return readValue(heap, body, body + length - tagBytes, type)
}

const nonceStart = 6
const headerBytes = nonceStart + nonceBytes
const tagBytes = 16
const smallestEnvelope = headerBytes + 32 + tagBytes
const largestEnvelope = headerBytes + 4 * maxTextLength + tagBytes

// The arena: key, AAD, envelope.
const aadStart = 64
const envelopeStart = 4_096

const places = new PlaceWriter()
const malformed = failure({ kind: 'malformed' } as const)
const notAuthentic = failure({ kind: 'not-authentic' } as const)
