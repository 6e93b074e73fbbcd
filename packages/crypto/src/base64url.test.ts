import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bufferEncoder,
  decodeBase64url,
  encodeBase64url,
  plainEncoder,
  platformEncoder,
} from './base64url.ts'

const encoders = {
  platform: platformEncoder(),
  Buffer: bufferEncoder(Buffer),
  plain: plainEncoder,
}

describe('base64url', () => {
  it.each(Object.entries(encoders))('is encoded as RFC 4648 says, by %s', (_, encode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(20), (bytes, a, b) => {
        const padded = Uint8Array.from([...Array<number>(a).fill(1), ...bytes, ...Array<number>(b)])
        const expected = Buffer.from(bytes).toString('base64url')
        expect(encode(padded, a, a + bytes.length)).toBe(expected)
      }),
    )
  })

  it('decodes to exactly what was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  it('has one text for every byte string: what decodes encodes back to itself', () => {
    const alphabet = fc.constantFrom(...'ABab01-_+/= \n=Qgw')
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 9 }), (text) => {
        const bytes = decodeBase64url(text)
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    'A',
    'AB',
    'ABC=',
    'AA==',
    'AAB',
    'AA A',
    'AAA\n',
    'A+AA',
    'A/AA',
    'ŁAAA',
    'AAAAA',
    '😀AA',
  ])('refuses %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })
})
