import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  decodeBase64url,
  drawNonces,
  encodeBase64url,
  loadCrypto,
  maxTextLength,
  openValue,
  sealValue,
  type FieldType,
  type FieldValue,
  type Place,
} from './index.ts'
import { flipBit, freshKeys } from './testing.ts'

beforeAll(loadCrypto)

const workspaceId = '0192d3a4-0000-7000-8000-0000000000aa'
const place: Place = { workspaceId, table: 'transactions', rowId: 'row-1', column: 'amount' }
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(
    ...[2n ** 31n, 10n ** 15n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 62n].flatMap((edge) => [
      edge - 1n,
      edge,
      edge + (edge === 2n ** 63n - 1n ? 0n : 1n),
      -edge,
      -edge - 1n,
    ]),
  ),
)
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 60 }).map((value) => Buffer.from(value).toString()),
)
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n }), fc.option(fc.stringMatching(/^[0-9]{1,30}$/)))
  .map(([minus, whole, part]) => `${minus ? '-' : ''}${whole}${part === null ? '' : `.${part}`}`)
const typed: fc.Arbitrary<readonly [FieldType, FieldValue]> = fc.oneof(
  int64.map((value) => ['integer', value] as const),
  text.map((value) => ['text', value] as const),
  decimal.map((value) => ['decimal', value] as const),
  fc.constantFrom<FieldType>('integer', 'text', 'decimal').map((type) => [type, null] as const),
)

function sealOne(type: FieldType, value: FieldValue) {
  const { keys, first } = freshKeys()
  return { keys, first, envelope: sealValue(first, place, type, value, drawNonces(1)) }
}

function bytesOf(envelope: string): Uint8Array {
  const bytes = decodeBase64url(envelope)
  if (bytes === undefined) throw new Error('not base64url')
  return bytes
}

describe('envelope', () => {
  it('opens to exactly what was sealed', () => {
    const { keys, first } = freshKeys()
    fc.assert(
      fc.property(typed, fc.uuid(), fc.string(), ([type, value], rowId, column) => {
        const where = { ...place, rowId, column }
        const envelope = sealValue(first, where, type, value, drawNonces(1))
        expect(openValue(keys, where, type, envelope)).toEqual({ ok: true, value })
      }),
      { numRuns: 1_000 },
    )
  })

  it('opens a text of the greatest length, and small ones after it', () => {
    const { keys, first } = freshKeys()
    for (const value of ['€'.repeat(maxTextLength), 'small', 'é']) {
      const envelope = sealValue(first, place, 'text', value, drawNonces(1))
      const opened = openValue(keys, place, 'text', envelope)
      expect(opened.ok && opened.value === value).toBe(true)
    }
    expect(() =>
      sealValue(first, place, 'text', 'x'.repeat(maxTextLength + 1), drawNonces(1)),
    ).toThrow(RangeError)
  })

  it('keeps rows and tables apart when they come in any order', () => {
    const { keys, first } = freshKeys()
    const one = fc.constantFrom('a', 'b', 'ab', '')
    const where = fc.record({ table: one, rowId: one, column: one })
    fc.assert(
      fc.property(fc.array(where, { minLength: 2, maxLength: 8 }), (places) => {
        const sealed = places.map((each) => ({ workspaceId, ...each }))
        const envelopes = sealed.map((each, index) =>
          sealValue(first, each, 'integer', BigInt(index), drawNonces(1)),
        )
        for (const [i, from] of sealed.entries()) {
          for (const at of sealed) {
            const same =
              from.table === at.table && from.rowId === at.rowId && from.column === at.column
            const opened = openValue(keys, at, 'integer', envelopes[i] ?? '')
            expect(opened).toEqual(
              same
                ? { ok: true, value: BigInt(i) }
                : { ok: false, error: { kind: 'not-authentic' } },
            )
          }
        }
      }),
    )
  })

  it('refuses any flipped bit', () => {
    const { keys, envelope } = sealOne('text', 'Corner shop')
    const bytes = bytesOf(envelope)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const opened = openValue(keys, place, 'text', encodeBase64url(flipBit(bytes, bit)))
      expect(opened.ok).toBe(false)
    }
  })

  it('refuses any flipped bit of a long text', () => {
    const { keys, envelope } = sealOne('text', 'long '.repeat(300))
    const bytes = bytesOf(envelope)
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const opened = openValue(keys, place, 'text', encodeBase64url(flipBit(bytes, bit)))
        expect(opened.ok).toBe(false)
      }),
    )
  })

  it.each(['workspaceId', 'table', 'rowId', 'column'] as const)(
    'refuses an envelope moved to another %s',
    (part) => {
      const { keys, envelope } = sealOne('integer', 5n)
      fc.assert(
        fc.property(fc.string(), (other) => {
          fc.pre(other !== place[part])
          const opened = openValue(keys, { ...place, [part]: other }, 'integer', envelope)
          expect(opened).toEqual({ ok: false, error: { kind: 'not-authentic' } })
        }),
      )
    },
  )

  it('refuses an envelope whose key version was exchanged, even for one with the same key', () => {
    const { keys, first, envelope } = sealOne('integer', 5n)
    const bytes = bytesOf(envelope)
    bytes[5] = 2
    const moved = encodeBase64url(bytes)
    expect(openValue(keys, place, 'integer', moved)).toEqual(notAuthentic)
    const sameKey = { ...keys, byVersion: new Map([[2, { ...first, keyVersion: 2 }]]) }
    expect(openValue(sameKey, place, 'integer', moved)).toEqual(notAuthentic)
  })

  it('refuses parts that were shifted between neighbours', () => {
    const { keys, first } = freshKeys()
    const from = { workspaceId, table: 'ab', rowId: 'c', column: 'd' }
    const envelope = sealValue(first, from, 'text', 'x', drawNonces(1))
    const at = { workspaceId, table: 'a', rowId: 'bc', column: 'd' }
    expect(openValue(keys, at, 'text', envelope)).toEqual(notAuthentic)
  })

  it('refuses the keys of another workspace', () => {
    const { envelope } = sealOne('integer', 5n)
    expect(openValue(freshKeys().keys, place, 'integer', envelope)).toEqual(notAuthentic)
    const foreign = { ...place, workspaceId: 'other' }
    expect(() => sealValue(freshKeys().first, foreign, 'integer', 5n, drawNonces(1))).toThrow(
      'another workspace',
    )
  })

  it('names an unknown version, algorithm and key version', () => {
    const { keys, envelope } = sealOne('integer', 5n)
    const withByte = (index: number, value: number) => {
      const bytes = bytesOf(envelope)
      bytes[index] = value
      return openValue(keys, place, 'integer', encodeBase64url(bytes))
    }
    expect(withByte(0, 2)).toEqual({
      ok: false,
      error: { kind: 'unsupported-version', version: 2 },
    })
    expect(withByte(1, 9)).toEqual({
      ok: false,
      error: { kind: 'unsupported-algorithm', algorithm: 9 },
    })
    expect(withByte(2, 0xff)).toEqual({
      ok: false,
      error: { kind: 'missing-dek', keyVersion: 0xff000001 },
    })
  })

  it('refuses an integer as a text and a text as an integer, but opens a null as any', () => {
    const { keys, envelope } = sealOne('integer', 5n)
    expect(openValue(keys, place, 'text', envelope)).toEqual(wrongType)
    const texts = sealOne('text', '5')
    expect(openValue(texts.keys, place, 'integer', texts.envelope)).toEqual(wrongType)
    expect(openValue(texts.keys, place, 'decimal', texts.envelope)).toEqual(wrongType)
    const none = sealOne('text', null)
    expect(openValue(none.keys, place, 'integer', none.envelope)).toEqual({ ok: true, value: null })
  })

  it('refuses what is no envelope: empty, truncated, huge, plaintext, not canonical', () => {
    const { keys, envelope } = sealOne('text', 'Corner shop')
    const inputs = [
      '',
      'A',
      'AQE',
      '42',
      'Corner shop',
      envelope.slice(0, -4),
      `${envelope}AAAA`,
      `${envelope}=`,
      `${envelope.slice(0, -1)} `,
      envelope.replaceAll(/.$/g, '+'),
      ` ${envelope}`,
      'A'.repeat(8_000_000),
      '\u0141QE'.repeat(40),
    ]
    for (const input of inputs) expect(openValue(keys, place, 'text', input).ok).toBe(false)
    for (const input of [null, undefined, 5, 5n, {}]) {
      expect(openValue(keys, place, 'text', input as never)).toEqual(malformed)
    }
    for (let length = 0; length < envelope.length; length++) {
      expect(openValue(keys, place, 'text', envelope.slice(0, length)).ok).toBe(false)
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (input) => {
        expect(openValue(keys, place, 'text', input).ok).toBe(false)
      }),
    )
  })

  it('refuses a place too long to be any, without writing past its room', () => {
    const { keys, first, envelope } = sealOne('integer', 5n)
    for (const part of ['workspaceId', 'table', 'rowId', 'column'] as const) {
      const far = { ...place, [part]: 'x'.repeat(100_000) }
      expect(openValue(keys, far, 'integer', envelope)).toEqual(notAuthentic)
    }
    expect(openValue(keys, place, 'integer', envelope)).toEqual({ ok: true, value: 5n })
    expect(() =>
      sealValue(first, { ...place, rowId: 'x'.repeat(5_000) }, 'integer', 5n, drawNonces(1)),
    ).toThrow(RangeError)
  })

  it('throws on values that the type cannot hold and on nonces of another size', () => {
    const { first } = freshKeys()
    const seal = (type: FieldType, value: unknown, nonce = drawNonces(1)) =>
      sealValue(first, place, type, value as FieldValue, nonce)
    expect(() => seal('integer', 2n ** 63n)).toThrow(RangeError)
    expect(() => seal('integer', -(2n ** 63n) - 1n)).toThrow(RangeError)
    expect(() => seal('integer', '5')).toThrow(TypeError)
    expect(() => seal('integer', 5)).toThrow(TypeError)
    expect(() => seal('text', 5n)).toThrow(TypeError)
    expect(() => seal('text', undefined)).toThrow(TypeError)
    for (const value of ['', '1e5', '.5', '5.', '+1', '01', 'NaN', '1,5']) {
      expect(() => seal('decimal', value)).toThrow(TypeError)
    }
    for (const size of [0, 12, 23, 25]) {
      expect(() => seal('integer', 5n, new Uint8Array(size))).toThrow(RangeError)
    }
  })

  it('tells nothing of an amount by its length', () => {
    const { first } = freshKeys()
    const lengths = new Set<number>()
    fc.assert(
      fc.property(fc.option(int64), (value) => {
        lengths.add(sealValue(first, place, 'integer', value, drawNonces(1)).length)
      }),
    )
    expect([...lengths]).toEqual([104])
  })

  it('never seals one value to the same envelope twice', () => {
    const { first } = freshKeys()
    const envelopes = Array.from({ length: 1_000 }, () =>
      sealValue(first, place, 'integer', 5n, drawNonces(1)),
    )
    expect(new Set(envelopes).size).toBe(1_000)
  })
})

describe('nonces', () => {
  it('are drawn past the limit of one call, all different', () => {
    const count = 10_000
    const nonces = drawNonces(count)
    expect(nonces.length).toBe(count * 24)
    const each = Array.from({ length: count }, (_, i) =>
      encodeBase64url(nonces.subarray(i * 24, i * 24 + 24)),
    )
    expect(new Set(each).size).toBe(count)
  })
})

const notAuthentic = { ok: false, error: { kind: 'not-authentic' } }
const wrongType = { ok: false, error: { kind: 'wrong-type' } }
const malformed = { ok: false, error: { kind: 'malformed' } }
