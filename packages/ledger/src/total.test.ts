import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addTotals, negateTotal, totalOf, totalPartBits } from './total.ts'

const amount = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constant(Number.MAX_SAFE_INTEGER))
const mask = (1n << BigInt(totalPartBits)) - 1n

describe('total', () => {
  it('is exact whatever its size, and a number where one holds it', () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 50 }), (amounts) => {
        const exact = amounts.reduce((sum, each) => sum + BigInt(each), 0n)
        const sum = amounts.reduce(addTotals, 0)
        expect(BigInt(sum)).toBe(exact)
        expect(typeof sum).toBe(Number.isSafeInteger(Number(exact)) ? 'number' : 'bigint')
        expect(BigInt(negateTotal(sum))).toBe(-exact)
      }),
    )
  })

  it('comes back from the two parts that SQL sums', () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 50 }), (amounts) => {
        const addends = amounts.map(BigInt)
        const high = addends.reduce((sum, each) => sum + (each >> BigInt(totalPartBits)), 0n)
        const low = addends.reduce((sum, each) => sum + (each & mask), 0n)
        const total = totalOf(Number(high), Number(low))
        expect(BigInt(total)).toBe(addends.reduce((sum, each) => sum + each, 0n))
      }),
    )
  })

  it('has no negative zero', () => {
    expect(Object.is(negateTotal(0), 0)).toBe(true)
    expect(Object.is(addTotals(5, -5), 0)).toBe(true)
  })
})
