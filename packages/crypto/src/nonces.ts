import { nonceBytes } from './envelope.ts'

/** Most bytes that `crypto.getRandomValues` gives in one call. */
const randomLimitBytes = 65_536

/** `count` random nonces of 24 bytes, one behind the other. Drawing many at once is far cheaper. */
export function drawNonces(count: number): Uint8Array {
  const nonces = new Uint8Array(count * nonceBytes)
  for (let start = 0; start < nonces.length; start += randomLimitBytes) {
    crypto.getRandomValues(nonces.subarray(start, start + randomLimitBytes))
  }
  return nonces
}
