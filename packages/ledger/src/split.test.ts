import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkOriginalAmount, checkSplit, currencyExponent } from './index.ts'

const place = { account_id: 'a', occurred_on: '2026-01-31' }
const amounts = fc.array(fc.bigInt(-(2n ** 53n), 2n ** 53n), { minLength: 1, maxLength: 6 })

describe('a split', () => {
  it('adds up exactly, in any order of its parts', () => {
    fc.assert(
      fc.property(amounts, fc.bigInt(-3n, 3n), (parts, off) => {
        const sum = parts.reduce((total, part) => total + part, 0n)
        const rows = parts.map((amount) => ({ ...place, amount }))
        const whole = { ...place, amount: sum + off }
        const expected = off === 0n ? [] : [{ kind: 'split-differs', column: 'amount' }]
        expect(checkSplit(whole, rows)).toEqual(expected)
        expect(checkSplit(whole, rows.toReversed())).toEqual(expected)
      }),
    )
  })

  it('is on one account and one day', () => {
    const whole = { ...place, amount: -5n }
    const parts = [
      { ...place, amount: -2 },
      { ...place, amount: '-3' },
    ]
    expect(checkSplit(whole, parts)).toEqual([])
    expect(checkSplit({ ...whole, account_id: 'b' }, parts)).toEqual([
      { kind: 'split-differs', column: 'account_id' },
    ])
    expect(checkSplit(whole, [parts[0]!, { ...parts[1]!, occurred_on: '2026-02-01' }])).toEqual([
      { kind: 'split-differs', column: 'occurred_on' },
    ])
  })

  it('does not add up with a part that has no amount, and is none without parts', () => {
    expect(checkSplit({ ...place, amount: 0n }, [{ ...place, amount: null }])).toEqual([
      { kind: 'split-differs', column: 'amount' },
    ])
    expect(checkSplit({ ...place, amount: null }, [])).toEqual([])
  })
})

describe('an original amount', () => {
  const currencies = fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF')

  it('fits what a bank makes of it, rounded to the account’s minor unit and to the rate’s digits', () => {
    const rateDigits = fc.integer({ min: 4, max: 9 })
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.double({ min: 0.001, max: 500, noNaN: true }),
        rateDigits,
        currencies,
        currencies,
        (original, rate, digits, from, to) => {
          const scale = 10 ** (currencyExponent(to) - currencyExponent(from))
          const transaction = {
            amount: BigInt(Math.round(original * rate * scale)),
            original_amount: BigInt(original),
            original_currency: from,
            original_rate: rate.toFixed(digits),
          }
          expect(checkOriginalAmount(transaction, to)).toBeNull()
        },
      ),
    )
  })

  const dollars = {
    amount: -925n,
    original_amount: -1_000n,
    original_currency: 'USD',
    original_rate: '0.925',
  }

  it('does not fit another amount, rate or currency', () => {
    const breach = { kind: 'inconsistent', column: 'original_amount', with: 'amount' }
    expect(checkOriginalAmount(dollars, 'EUR')).toBeNull()
    expect(checkOriginalAmount({ ...dollars, amount: -926n }, 'EUR')).toBeNull()
    expect(checkOriginalAmount({ ...dollars, amount: -927n }, 'EUR')).toEqual(breach)
    expect(checkOriginalAmount({ ...dollars, original_rate: '0.935' }, 'EUR')).toEqual(breach)
    expect(checkOriginalAmount(dollars, 'JPY')).toEqual(breach)
    expect(checkOriginalAmount({ ...dollars, original_currency: 'JPY' }, 'EUR')).toEqual(breach)
  })

  it('is not judged where a value is missing', () => {
    expect(checkOriginalAmount({ ...dollars, original_rate: null }, 'EUR')).toBeNull()
    expect(checkOriginalAmount(dollars, '')).toBeNull()
  })
})
