import sodium from 'libsodium-wrappers-sumo'

export { sodium }

/** Makes libsodium ready. Await it once before anything else of this package. */
export async function loadCrypto(): Promise<void> {
  await sodium.ready
}

/**
 * libsodium's compiled module. The wrapper allocates, copies and frees five times a call, which
 * for a value of some bytes costs as much as the cipher; envelopes and row seals work in a
 * block of its memory instead (see `workspace`).
 */
interface CompiledSodium {
  /** Replaced when the memory grows: read it at every use. */
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _crypto_aead_xchacha20poly1305_ietf_encrypt(
    ciphertext: number,
    ciphertextLengthOut: number,
    message: number,
    messageLength: number,
    messageLengthHigh: number,
    aad: number,
    aadLength: number,
    aadLengthHigh: number,
    secretNonce: number,
    nonce: number,
    key: number,
  ): number
  _crypto_aead_xchacha20poly1305_ietf_decrypt(
    message: number,
    messageLengthOut: number,
    secretNonce: number,
    ciphertext: number,
    ciphertextLength: number,
    ciphertextLengthHigh: number,
    aad: number,
    aadLength: number,
    aadLengthHigh: number,
    nonce: number,
    key: number,
  ): number
  _crypto_generichash(
    out: number,
    outLength: number,
    message: number,
    messageLength: number,
    messageLengthHigh: number,
    key: number,
    keyLength: number,
  ): number
}

/** @throws before `loadCrypto` has resolved. */
export function compiledSodium(): CompiledSodium {
  const { libsodium } = sodium as unknown as { libsodium?: CompiledSodium }
  if (libsodium === undefined) throw new Error('await loadCrypto() first')
  return libsodium
}
