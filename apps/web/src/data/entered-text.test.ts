import { describe, expect, it } from 'vitest'
import { cleanText, enteredName, hasName, shownName } from './entered-text.ts'

describe('a name that is entered', () => {
  it.each(['', ' ', '\u200b', '\u202e', '\u2060\ufeff', '\u3164', '\u2800', '\u0301', '\u00ad'])(
    'is none where nothing of it can be seen: %j',
    (text) => expect(enteredName(text)).toBeNull(),
  )

  it.each([
    ['  Everyday ', 'Everyday'],
    ['Ever\u202eyad', 'Everyad'],
    ['\u2066Everyday', 'Everyday'],
    ['\u200fحساب', 'حساب'],
    ['Every\u0000day', 'Every day'],
    ['👩‍👧 family', '👩‍👧 family'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['?', '?'],
  ])('is kept without what turns or hides it: %j', (text, name) => {
    expect(enteredName(text)).toBe(name)
  })

  it('of another device is shown without what turns its neighbours', () => {
    expect(shownName('Rent \u202e05.9')).toBe('Rent 05.9')
    expect(shownName(null)).toBe('')
  })

  it('keeps the lines of a note', () => {
    expect(cleanText(' one\ntwo\tthree \u202e')).toBe('one\ntwo\tthree')
  })

  it('is told to be there already, however it is written', () => {
    expect(hasName(['Straße', 'Café'], ' STRASSE')).toBe(true)
    expect(hasName(['Café'], 'cafe')).toBe(true)
    expect(hasName(['Café'], 'Cafés')).toBe(false)
    expect(hasName([''], ' ')).toBe(false)
  })
})
