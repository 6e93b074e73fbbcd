import { describe, expect, it } from 'vitest'
import { disputedFields, editFields, noEdits, shownFields, takeTheirs } from './form-edits.ts'

const found = { amount: '10.00', account: 'a', payee: 'Shop', note: '' }
const together = { amount: ['account' as const] }
const edit = (changes: Partial<typeof found>, current = found) =>
  editFields(current, noEdits<typeof found>(), { ...current, ...changes }, together)

describe('a form over a row that changes while it is open', () => {
  it('keeps what the person entered, and follows the row in every other field', () => {
    const edits = edit({ payee: 'Book shop' })
    const now = { ...found, note: 'elsewhere', amount: '12.00' }
    expect(shownFields(now, edits)).toEqual({ ...now, payee: 'Book shop' })
    expect(disputedFields(now, edits)).toEqual([])
  })

  it('tells of a field that changed under the person’s hands, until they take it', () => {
    const edits = edit({ amount: '11.00' })
    const now = { ...found, amount: '12.00' }
    expect(disputedFields(now, edits)).toEqual(['amount'])
    expect(shownFields(now, edits).amount).toBe('11.00')
    const taken = takeTheirs(now, edits, 'amount')
    expect(shownFields(now, taken).amount).toBe('12.00')
    expect(disputedFields(now, taken)).toEqual([])
    expect(disputedFields({ ...now, amount: '13.00' }, taken)).toEqual(['amount'])
  })

  it('does not tell of a value that both entered', () => {
    expect(disputedFields({ ...found, amount: '11.00' }, edit({ amount: '11.00' }))).toEqual([])
  })

  it('goes on from the first value that was seen, however often a field is entered', () => {
    const once = edit({ payee: 'B' })
    const now = { ...found, payee: 'Theirs' }
    const twice = editFields(now, once, { ...now, payee: 'Bo' }, together)
    expect(disputedFields(now, twice)).toEqual(['payee'])
    expect(shownFields(now, twice).payee).toBe('Bo')
  })

  it('holds the fields that an entered one goes with as they stood, and tells of them', () => {
    const edits = edit({ amount: '11.00' })
    const now = { ...found, account: 'b' }
    expect(shownFields(now, edits).account).toBe('a')
    expect(disputedFields(now, edits)).toEqual(['account'])
    expect(shownFields(now, edit({ note: 'mine' })).account).toBe('b')
  })
})
