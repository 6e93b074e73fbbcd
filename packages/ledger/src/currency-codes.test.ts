import { describe, expect, it } from 'vitest'
import { currencyCodes } from './currency-codes.ts'
import { currencyExponent, exponentsOtherThanTwo, isCurrency } from './currency.ts'

describe('currencyCodes', () => {
  it('has each code once, in order, in the form of one', () => {
    expect(currencyCodes).toEqual([...new Set(currencyCodes)].sort())
    expect(currencyCodes.every(isCurrency)).toBe(true)
  })

  it('has every currency of whose decimals the ledger knows', () => {
    expect(
      [...exponentsOtherThanTwo.keys()].filter((code) => !currencyCodes.includes(code)),
    ).toEqual([])
    expect(currencyCodes).toContain('CLF')
    expect(currencyExponent('CLF')).toBe(4)
  })
})
