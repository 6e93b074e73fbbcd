import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  asAmountMinor,
  currencyExponent,
  formatAmount,
  maxAmountMinor,
  parseAmount,
  readAmount,
  toDecimal,
  toSqlInteger,
  type AmountMinor,
} from './index.ts'

const edges = [2 ** 31, 10 ** 15, 2 ** 53 - 1].flatMap((edge) => [edge - 1, edge, edge + 1, -edge])
const amount = fc
  .oneof(
    fc.maxSafeInteger(),
    fc.integer(),
    fc.constantFrom(...edges.filter((each) => Number.isSafeInteger(each))),
  )
  .map(asAmountMinor)
const currencies = ['EUR', 'USD', 'JPY', 'KWD', 'CLF', 'HUF', 'CHF', 'INR', 'XXX']
const locales = [
  'en',
  'en-IN',
  'de',
  'de-AT',
  'de-CH',
  'fr',
  'fr-CH',
  'es',
  'it',
  'pl',
  'pt',
  'pt-PT',
  'sv',
  'nb',
  'hi',
  'ar-EG',
  'fa',
  'bn',
  'mr',
  'ja',
  'zh',
  'he',
  'hu',
  'sl',
  'et',
  'gsw',
  'my',
  'ne',
]

function parsed(text: string, currency = 'EUR', locale = 'en'): number | string {
  const result = parseAmount(text, currency, locale)
  return result.ok ? result.value : result.error.kind
}

describe('currency exponent', () => {
  it('is the one of ISO 4217, whatever the platform displays', () => {
    const expected = {
      EUR: 2,
      USD: 2,
      JPY: 0,
      KRW: 0,
      ISK: 0,
      KWD: 3,
      TND: 3,
      CLF: 4,
      HUF: 2,
      AFN: 2,
    }
    for (const [code, exponent] of Object.entries(expected)) {
      expect(currencyExponent(code)).toBe(exponent)
    }
  })

  it('is never less than what the platform displays', () => {
    for (const currency of Intl.supportedValuesOf('currency')) {
      const { maximumFractionDigits } = new Intl.NumberFormat('en', {
        style: 'currency',
        currency,
      }).resolvedOptions()
      expect(currencyExponent(currency)).toBeGreaterThanOrEqual(maximumFractionDigits ?? 0)
    }
  })

  it.each(['', 'eur', 'EURO', 'E1R'])('refuses %j', (code) => {
    expect(() => currencyExponent(code)).toThrow(RangeError)
  })
})

describe('amount in SQL', () => {
  it('survives the round trip exactly', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(readAmount(toSqlInteger(value))).toBe(value)
        expect(readAmount(String(value))).toBe(value)
        expect(readAmount(value)).toBe(value)
      }),
    )
  })

  it.each([
    ...[null, 0.5, NaN, Infinity, 2 ** 53, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)],
    ...['', '1.5', '1e3', ' 1', '0x10', 'abc', String(2n ** 63n - 1n)],
  ])('is not there where the column has %s', (value) => {
    expect(readAmount(value)).toBeNull()
  })
})

describe('formatting', () => {
  it('keeps every digit', () => {
    expect(formatAmount(asAmountMinor(9_000_000_000_055), 'EUR', 'en')).toBe('€90,000,000,000.55')
    expect(formatAmount(asAmountMinor(-maxAmountMinor), 'EUR', 'en')).toBe(
      '-€90,071,992,547,409.91',
    )
    expect(formatAmount(asAmountMinor(7_319_571_337), 'USD', 'de')).toBe('73.195.713,37\u00a0$')
    expect(formatAmount(asAmountMinor(5), 'KWD', 'en')).toBe('KWD\u00a00.005')
    expect(formatAmount(asAmountMinor(1_500), 'JPY', 'en')).toBe('¥1,500')
    expect(formatAmount(asAmountMinor(150_055), 'HUF', 'en')).toBe('HUF\u00a01,500.55')
    expect(toDecimal(asAmountMinor(-5), 'EUR')).toBe('-0.05')
    expect(toDecimal(asAmountMinor(0), 'JPY')).toBe('0')
  })
})

describe('parsing', () => {
  it('takes back what any locale writes, exactly', () => {
    fc.assert(
      fc.property(
        amount,
        fc.constantFrom(...currencies),
        fc.constantFrom(...locales),
        (value, currency, locale) => {
          const digits = currencyExponent(currency)
          const format = new Intl.NumberFormat(locale, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
          })
          const text = format.format(toDecimal(value, currency))
          expect(parsed(text, currency, locale)).toBe(value)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('takes back what any locale writes with its currency, in front, behind or in brackets', () => {
    const styles = fc.record({
      currencyDisplay: fc.constantFrom('symbol', 'narrowSymbol', 'code'),
      currencySign: fc.constantFrom('standard', 'accounting'),
    })
    fc.assert(
      fc.property(
        amount,
        fc.constantFrom(...currencies.filter((code) => code !== 'XXX')),
        fc.constantFrom(...locales),
        styles,
        (value, currency, locale, style) => {
          const digits = currencyExponent(currency)
          const format = new Intl.NumberFormat(locale, {
            ...{ style: 'currency', currency, ...style },
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
          })
          const text = format.format(toDecimal(value, currency))
          expect(parsed(text, currency, locale), text).toBe(value)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('takes plain decimals in any locale that does not read them otherwise', () => {
    fc.assert(
      fc.property(amount, fc.constantFrom(...locales), (value, locale) => {
        expect(parsed(toDecimal(value, 'EUR'), 'EUR', locale)).toBe(value)
      }),
    )
  })

  it.each<[string, string, number]>([
    ['90,000,000,000.55', 'en', 9_000_000_000_055],
    ['1,234.56', 'en', 123_456],
    ['1.234,56', 'de', 123_456],
    ['1 234,56', 'fr', 123_456],
    ['1\u202f234,56', 'fr', 123_456],
    ['1’234.56', 'de-CH', 123_456],
    ["1'234.56", 'en', 123_456],
    ['1,23,456.78', 'en-IN', 12_345_678],
    ['1.234,56', 'en', 123_456],
    ['1,234.56', 'de', 123_456],
    ['1,50', 'en', 150],
    ['1.50', 'de', 150],
    ['1,234', 'en', 123_400],
    ['1.234', 'de', 123_400],
    ['1,234,567', 'de', 123_456_700],
    ['1234', 'en', 123_400],
    ['0.1', 'en', 10],
    ['.5', 'en', 50],
    ['5.', 'en', 500],
    ['+5', 'en', 500],
    ['- 5', 'en', -500],
    ['−12.34', 'en', -1_234],
    ['-0', 'en', 0],
    ['  7  ', 'en', 700],
    ['١٢٫٥', 'ar-EG', 1_250],
    ['١٢٫٥', 'en', 1_250],
    ['١٬٢٣٤٫٥', 'de', 123_450],
    ['۱۲٫۵', 'en', 1_250],
    ['१२.५', 'de-CH', 1_250],
    ['１，２３４．５０', 'en', 123_450],
    ['𝟏𝟐.𝟓', 'en', 1_250],
    ['€5', 'en', 500],
    ['5 €', 'en', 500],
    ['5€', 'de', 500],
    ['EUR 5.00', 'en', 500],
    ['5,00 eur', 'de', 500],
    ['-€5', 'en', -500],
    ['€-5', 'en', -500],
    ['€ −5', 'en', -500],
    ['5-', 'en', -500],
    ['5,00– €', 'de', -500],
    ['(5.00)', 'en', -500],
    ['€(5.00)', 'en', -500],
    ['(€5.00)', 'en', -500],
    ['（５）', 'en', -500],
    ['5.-', 'de-CH', 500],
    ['5.—', 'de-CH', 500],
    ['12,-', 'de', 1_200],
    ['12,--', 'de', 1_200],
    ['–12,34', 'de', -1_234],
    ['—12.34', 'en', -1_234],
    ['‐12.34', 'en', -1_234],
    ['－12.34', 'en', -1_234],
    ['﹣12.34', 'en', -1_234],
    ['1\u2009234,56', 'en', 123_456],
    ['1\u00a0234,56', 'en', 123_456],
    ['1\u3000234,56', 'en', 123_456],
    ['1‘234.56', 'en', 123_456],
    ['1´234.56', 'en', 123_456],
    ['\ufeff12.34\u200b', 'en', 1_234],
    ['\u202d12.34\u202c', 'en', 1_234],
  ])('reads %s in %s', (text, locale, expected) => {
    expect(parsed(text, 'EUR', locale)).toBe(expected)
  })

  it.each<[string, string, string]>([
    ['', 'en', 'empty'],
    ['   ', 'en', 'empty'],
    ['NaN', 'en', 'not-a-number'],
    ['Infinity', 'en', 'not-a-number'],
    ['abc', 'en', 'not-a-number'],
    ['-', 'en', 'not-a-number'],
    ['.', 'en', 'not-a-number'],
    ['1e5', 'en', 'not-a-number'],
    ['0x10', 'en', 'not-a-number'],
    ['1e234.5', 'en', 'not-a-number'],
    ['1x234', 'en', 'not-a-number'],
    ['--5', 'en', 'not-a-number'],
    ['5-5', 'en', 'not-a-number'],
    ['€', 'en', 'not-a-number'],
    ['-5-', 'en', 'not-a-number'],
    ['(-5)', 'en', 'not-a-number'],
    ['((5))', 'en', 'not-a-number'],
    ['(5', 'en', 'not-a-number'],
    ['5 apples', 'en', 'not-a-number'],
    ['$5', 'en', 'other-currency'],
    ['5 USD', 'en', 'other-currency'],
    ['£5', 'en', 'other-currency'],
    ['€5 USD', 'en', 'other-currency'],
    ['$5 £', 'en', 'not-a-number'],
    ['1.2.3', 'en', 'not-a-number'],
    ['1,23,4', 'en', 'not-a-number'],
    ['1,,234', 'en', 'not-a-number'],
    [',234,567', 'en', 'not-a-number'],
    ['1,234.567,89', 'en', 'not-a-number'],
    ['1 2', 'en', 'not-a-number'],
    ['1.234', 'fr', 'too-many-decimals'],
    ['1.234', 'en', 'too-many-decimals'],
    ['0.001', 'en', 'too-many-decimals'],
    ['90071992547409.92', 'en', 'too-large'],
    ['9'.repeat(400), 'en', 'too-large'],
  ])('refuses %s in %s', (text, locale, kind) => {
    expect(parsed(text, 'EUR', locale)).toBe(kind)
  })

  it.each([
    ['CHF', 'Fr. 12.50', 1_250],
    ['CHF', '12.50 SFr.', 1_250],
    ['GBP', '£12.50', 1_250],
    ['SEK', '12,50 kr', 1_250],
    ['PLN', '12,50 zł', 1_250],
    ['JPY', '￥１，２３４', 1_234],
    ['JPY', '1234円', 1_234],
    ['USD', 'US$12.50', 1_250],
    ['CAD', '$12.50', 1_250],
    ['INR', 'Rs. 1,23,456.00', 12_345_600],
    ['RUB', '12,50 руб.', 1_250],
  ])('knows how people write %s: %s', (currency, text, expected) => {
    expect(parsed(text, currency, 'en')).toBe(expected)
  })

  it('knows the decimals of the currency', () => {
    expect(parsed('1234', 'JPY')).toBe(1_234)
    expect(parseAmount('0.5', 'JPY')).toEqual({
      ok: false,
      error: { kind: 'too-many-decimals', allowed: 0 },
    })
    expect(parsed('1.234', 'KWD')).toBe(1_234)
    expect(parsed('-90071992547409.91')).toBe(-maxAmountMinor)
  })

  it('answers any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...locales), (text, locale) => {
        const result = parseAmount(text, 'EUR', locale)
        if (result.ok) expect(Number.isSafeInteger(result.value)).toBe(true)
      }),
    )
  })

  it('never reads an amount as another sign or zero as negative', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(parsed(`-${toDecimal(Math.abs(value) as AmountMinor, 'EUR')}`)).toBe(
          value === 0 ? 0 : -Math.abs(value),
        )
      }),
    )
  })
})
