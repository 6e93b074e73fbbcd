import { describe, expect, it } from 'vitest'
import { chooseLocale } from './locale.ts'

describe('chooseLocale', () => {
  it('takes the first language that can be written', () => {
    expect(chooseLocale({ languages: ['de-AT', 'en'], language: 'de-AT' })).toBe('de-AT')
    expect(chooseLocale({ languages: ['ar-EG-u-nu-latn'] })).toBe('ar-EG-u-nu-latn')
  })

  it('passes over what is no tag, as WebKitGTK gives under LANG=C', () => {
    for (const given of ['C', '', 'POSIX', 'x', 'c-UTF-8', '!', 'e', 'de--AT', 'undefined'])
      expect(chooseLocale({ languages: [given, 'fr-CA'], language: given }), given).toBe('fr-CA')
  })

  it('reads the names of POSIX', () => {
    expect(chooseLocale({ languages: ['en_US.UTF-8'] })).toBe('en-US')
    expect(chooseLocale({ languages: ['de_AT@euro'] })).toBe('de-AT')
  })

  it('falls back to English where nothing is said', () => {
    for (const languages of [undefined, [], ['C']])
      expect(chooseLocale({ languages, language: languages?.[0] })).toBe('en')
  })

  it('gives what every use of Intl takes', () => {
    for (const given of ['C', 'en_US.UTF-8', 'zz', 'sv', 'i-klingon']) {
      const locale = chooseLocale({ languages: [given] })
      expect(() => [
        new Intl.NumberFormat(locale),
        new Intl.DateTimeFormat(locale),
        new Intl.RelativeTimeFormat(locale),
        new Intl.DisplayNames(locale, { type: 'currency' }),
        new Intl.Locale(locale),
        'a'.localeCompare('b', locale),
        'a'.toLocaleUpperCase(locale),
      ]).not.toThrow()
    }
  })
})
