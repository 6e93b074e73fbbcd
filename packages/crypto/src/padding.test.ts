import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawNonces, loadCrypto, sealValue } from './index.ts'
import { paddedLength } from './padding.ts'
import { freshKeys } from './testing.ts'

beforeAll(loadCrypto)

describe('padding', () => {
  it('goes in steps of 32 up to 256, then Padmé', () => {
    const expected = [
      [1, 32],
      [32, 32],
      [33, 64],
      [256, 256],
      [257, 272],
      [512, 512],
      [513, 544],
      [8_002, 8_192],
    ]
    for (const [length, padded] of expected) expect(paddedLength(length ?? 0)).toBe(padded)
  })

  it('never shrinks, is never long, and pads its own result no further', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000_000 }), (length) => {
        const padded = paddedLength(length)
        expect(padded).toBeGreaterThanOrEqual(length)
        expect(padded - length).toBeLessThan(Math.max(32, length * 0.12))
        expect(paddedLength(padded)).toBe(padded)
        expect(paddedLength(length + 1)).toBeGreaterThanOrEqual(padded)
      }),
    )
  })

  it('leaves of a text only its bucket', () => {
    const { first } = freshKeys()
    const place = { workspaceId: first.workspaceId, table: 't', rowId: 'r', column: 'c' }
    for (let length = 0; length <= 2_000; length += 7) {
      const envelope = sealValue(first, place, 'text', 'x'.repeat(length), drawNonces(1))
      const bytes = paddedLength(length + 2) + 46
      expect(envelope).toHaveLength(Math.ceil((bytes * 4) / 3))
    }
  })
})
