import { describe, expect, it } from 'vitest'
import { currencyCodes } from '@sealbook/ledger'
import { listCurrencies } from './currencies.ts'

const codesOf = (...input: Parameters<typeof listCurrencies>) =>
  listCurrencies(...input).map(({ code }) => code)

describe('listCurrencies', () => {
  it('has what the ledger knows, whatever the device knows of it', () => {
    for (const supportedValuesOf of [undefined, () => [], () => ['EUR', 'DEM']]) {
      const codes = codesOf('en', null, { ...intl, supportedValuesOf })
      expect(currencyCodes.filter((code) => !codes.includes(code))).toEqual([])
    }
  })

  it('has former currencies where the device knows them, and what is chosen already', () => {
    expect(codesOf('en', null, { ...intl, supportedValuesOf: () => ['DEM'] })).toContain('DEM')
    expect(codesOf('en', 'ITL', { ...intl, supportedValuesOf: undefined })).toContain('ITL')
    expect(codesOf('en', '')).not.toContain('')
  })

  it('has each once, by name in the language of the device', () => {
    const codes = codesOf('de')
    expect(new Set(codes).size).toBe(codes.length)
    expect(listCurrencies('de')).toContainEqual({ code: 'CHF', name: 'Schweizer Franken' })
    expect(codes.indexOf('CZK')).toBeGreaterThan(codes.indexOf('CHF'))
  })

  it('shows the code where the device has no names', () => {
    expect(listCurrencies('en', null, {})).toContainEqual({ code: 'CLF', name: 'CLF' })
  })
})

const intl = { DisplayNames: Intl.DisplayNames }
