import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldText } from './fold-text.ts'

describe('folding a text', () => {
  it.each([
    ['Café', 'cafe'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['GROẞ', 'gross'],
    ['Łódź', 'lodz'],
    ['Smørrebrød', 'smorrebrod'],
    ['Æbler', 'aebler'],
    ['Œuvre', 'oeuvre'],
    ['Kadıköy', 'kadikoy'],
    ['İstanbul', 'istanbul'],
    ['Đà Nẵng', 'da nang'],
    ['Þór', 'thor'],
    ['ﬁnance ﬂat', 'finance flat'],
    ['½ pizza', '1/2 pizza'],
    ['L’eau ‘vive’', "l'eau 'vive'"],
    ['A – B — C − D', 'a - b - c - d'],
    ['„Zum Ochsen“', '"zum ochsen"'],
    ['٢٠٢٦', '2026'],
    ['ＡＢＣ１２', 'abc12'],
    ['Ὀδυσσεύς', 'οδυσσευσ'],
    ['pay\u200bpal', 'paypal'],
    ['a\u00a0b', 'a b'],
    ['أحمد', 'احمد'],
    ['Ёлка', 'елка'],
  ])('%s is %s', (text, folded) => {
    expect(foldText(text)).toBe(folded)
  })

  it('finds a text by itself in capitals, in small letters and folded before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const folded = foldText(text)
        expect(foldText(folded)).toBe(folded)
        expect(foldText(text.normalize('NFC'))).toBe(folded)
        expect(foldText(text.normalize('NFD'))).toBe(folded)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aßæøłđıﬁςéÀ-Žñ') }), (text) => {
        expect(foldText(text.toUpperCase())).toBe(foldText(text.toLowerCase()))
      }),
    )
  })
})
