import { describe, expect, it } from 'vitest'
import type { TransactionRow } from './queries.ts'
import { buildMatcher } from './search.ts'

const row: TransactionRow = {
  id: '1',
  account_id: 'a',
  category_id: null,
  kind: 'expense',
  occurred_on: '2026-01-02',
  status: 'cleared',
  amount: -125_050,
  payee: 'Café Müller',
  note: 'Birthday cake for Zoë',
  created_at: 0,
  updated_at: 0,
}
const finds = (text: string) => buildMatcher(text, () => 2)?.(row) ?? null

describe('search', () => {
  it.each([
    'cafe',
    'CAFÉ',
    'muller cake',
    'zoe',
    '1250.5',
    '1250,50',
    '1,250',
    '-1250',
    '1’250.50',
  ])('finds by %s', (text) => expect(finds(text)).toBe(true))
  it.each(['cafe tea', '1250.51', '250.50', 'x'])('does not find by %s', (text) =>
    expect(finds(text)).toBe(false),
  )
  it('searches for nothing when there is nothing but white space', () => {
    expect(finds('  ')).toBe(null)
  })
})
