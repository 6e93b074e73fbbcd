import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { draftCells, draftDoubt, draftFields } from './draft-fields.ts'

const words = {
  account: (id: string) => (id === account ? { name: 'A', currency: 'EUR' } : undefined),
}
const account = '00000000-0000-4000-8000-000000000002'
const draft = {
  workspace_id: '00000000-0000-4000-8000-000000000001',
  created_at: '1',
  updated_at: '1',
  account_id: account,
  category_id: null,
  kind: 'expense',
  occurred_on: '2026-02-28',
  status: 'cleared',
  amount: '-900000000000055',
  payee: 'Book shop',
  note: null,
  tags: null,
}
/** The device's number format. */
beforeAll(() => vi.stubGlobal('navigator', { language: 'en-GB' }))
afterAll(() => vi.unstubAllGlobals())

const fields = () => draftFields('transactions', draft, words)
const cellsOf = (entered: Record<string, string>) =>
  draftCells('transactions', draft, fields(), entered, words)

describe('a refused change as a draft', () => {
  it('asks about a day far off, once it was entered and only then', () => {
    const today = '2026-11-28'
    expect(draftDoubt(fields(), {}, today)).toBeNull()
    expect(draftDoubt(fields(), { occurred_on: '2026-11-01' }, today)).toBeNull()
    expect(draftDoubt(fields(), { occurred_on: '0206-11-01' }, today)).toEqual({
      name: 'occurred_on',
      error: 'The year 0206 is far off. Save again if it is right.',
    })
    // It came from elsewhere: the person did not enter it.
    const old = fields().map((field) =>
      field.kind === 'date' ? { ...field, text: '0206-11-01' } : field,
    )
    expect(draftDoubt(old, {}, today)).toBeNull()
  })

  it('shows words, amounts, days and what it belongs to, as the person would type them', () => {
    expect(fields().map(({ label, text }) => [label, text])).toEqual([
      ['Payee', 'Book shop'],
      ['Amount', '9000000000000.55'],
      ['Date', '2026-02-28'],
      ['Account', account],
      ['Category', ''],
      ['Note', ''],
    ])
    expect(draftFields('of a newer app', draft, words)).toEqual([])
  })

  it('gives only what was changed, to the last digit', () => {
    expect(cellsOf({})).toEqual({ ok: true, value: {} })
    expect(cellsOf({ amount: '9000000000000.56', payee: ' Books ', note: '' })).toEqual({
      ok: true,
      value: { amount: -900_000_000_000_056n, payee: 'Books' },
    })
  })

  it('leaves the sign of what is no expense as it stands', () => {
    const income = { ...draft, kind: 'income' }
    const shown = draftFields('transactions', income, words)
    expect(shown.find(({ name }) => name === 'amount')?.text).toBe('-9000000000000.55')
    expect(draftCells('transactions', income, shown, { amount: '1.00' }, words)).toEqual({
      ok: true,
      value: { amount: 100n },
    })
  })

  it('says what no row may have', () => {
    expect(cellsOf({ amount: 'much' })).toMatchObject({ ok: false, error: { name: 'amount' } })
    expect(cellsOf({ payee: 'é'.repeat(201) })).toMatchObject({
      ok: false,
      error: { name: 'payee' },
    })
    expect(cellsOf({ occurred_on: '2026-02-30' })).toMatchObject({
      ok: false,
      error: { name: 'occurred_on' },
    })
  })
})
