import { describe, expect, it } from 'vitest'
import { listCurrencies } from '../../data/currencies.ts'
import { guessCurrency } from './currencies.ts'

describe('guessCurrency', () => {
  it('follows the region, also one that only the language implies', () => {
    expect(guessCurrency('de-AT')).toBe('EUR')
    expect(guessCurrency('en-GB')).toBe('GBP')
    expect(guessCurrency('ja')).toBe('JPY')
  })

  it('falls back to the dollar', () => {
    expect(guessCurrency('en-AQ')).toBe('USD')
  })

  it('guesses only what can be chosen', () => {
    const codes = new Set(listCurrencies('en').map(({ code }) => code))
    for (const locale of ['de', 'pt-BR', 'sv', 'pl', 'uk', 'th', 'ar-KW']) {
      expect(codes.has(guessCurrency(locale)), locale).toBe(true)
    }
  })
})
