/** What looks like sealed values, though no key opens them: the database checks their form. */
export type RandomBytes = (length: number) => Buffer

const header = [1, 1, 0, 0, 0, 1] // version, algorithm, key version
const overheadBytes = 24 + 16 // nonce and tag

/** @param ciphertextBytes a length that padding gives: 32 to 256 by 32, then by 16. */
export function fakeEnvelope(bytes: RandomBytes, ciphertextBytes = 32): string {
  return Buffer.concat([Buffer.from(header), bytes(overheadBytes + ciphertextBytes)]).toString(
    'base64url',
  )
}

export function fakeSeal(bytes: RandomBytes): string {
  return Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), bytes(32)]).toString('base64url')
}
