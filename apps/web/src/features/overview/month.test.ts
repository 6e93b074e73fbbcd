import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { totalParts } from '../../data/testing.ts'
import { flowIn, flowsByMonth, monthSpans, topSpending } from './month.ts'

const flow = (income: number, expense: number) => ({
  ...totalParts('income', income),
  ...totalParts('expense', expense),
})
const currencyOf = (accountId: string) => (accountId === 'dollars' ? 'USD' : 'EUR')

describe('months to compare', () => {
  it('compares with the same days of the month before', () => {
    expect(monthSpans('2026-11-22')).toEqual({
      month: '2026-11',
      first: '2026-11-01',
      last: '2026-11-31',
      previousFirst: '2026-10-01',
      previousLast: '2026-10-22',
    })
  })

  it('stays inside a shorter month, and compares a whole month with a whole one', () => {
    expect(monthSpans('2026-03-30').previousLast).toBe('2026-02-28')
    expect(monthSpans('2026-02-28').previousLast).toBe('2026-01-31')
    expect(monthSpans('2026-01-15').previousFirst).toBe('2025-12-01')
  })
})

describe('month sums', () => {
  it('adds up the accounts of one currency only', () => {
    const rows = [
      { account_id: 'a', ...flow(100, -30) },
      { account_id: 'b', ...flow(0, -5) },
      { account_id: 'dollars', ...flow(7, -7) },
    ]
    expect(flowIn(rows, 'EUR', currencyOf)).toEqual({ inMinor: 100, outMinor: -35 })
  })
})

describe('every month', () => {
  it('keeps the order, and leaves out months in which nothing of the currency moved', () => {
    const rows = [
      { month: '2026-03', account_id: 'a', ...flow(100, -30) },
      { month: '2026-03', account_id: 'b', ...flow(0, -5) },
      { month: '2026-02', account_id: 'dollars', ...flow(7, 0) },
      { month: '2025-12', account_id: 'a', ...flow(0, -1) },
    ]
    expect(flowsByMonth(rows, 'EUR', currencyOf)).toEqual([
      { month: '2026-03', inMinor: 100, outMinor: -35 },
      { month: '2025-12', inMinor: 0, outMinor: -1 },
    ])
  })
})

describe('top spending', () => {
  const spending = fc.array(
    fc.record({
      category_id: fc.constantFrom(null, 'a', 'b', 'c', 'd', 'e'),
      account_id: fc.constantFrom('euros', 'dollars'),
      amount: fc.integer({ min: -10_000, max: 100 }),
    }),
  )

  it('keeps every cent that was spent, largest first', () => {
    fc.assert(
      fc.property(spending, fc.integer({ min: 1, max: 5 }), (rows, most) => {
        const spendingRows = rows.map((row) => ({ ...row, ...totalParts('amount', row.amount) }))
        const top = topSpending(spendingRows, 'EUR', currencyOf, most)
        const byId = new Map<string | null, number>()
        for (const row of rows.filter((one) => one.account_id === 'euros')) {
          byId.set(row.category_id, (byId.get(row.category_id) ?? 0) - row.amount)
        }
        const spent = [...byId.values()].filter((amount) => amount > 0)
        const total = spent.reduce((sum, amount) => sum + amount, 0)
        expect(top.reduce((sum, one) => sum + Number(one.amountMinor), 0)).toBe(total)
        expect(top.length).toBeLessThanOrEqual(most + 1)
        const sizes = top.filter((one) => !one.isRest).map((one) => Number(one.amountMinor))
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
      }),
    )
  })

  it('leaves out a category in which more came back than was spent', () => {
    expect(
      topSpending(
        [{ category_id: 'a', account_id: 'x', ...totalParts('amount', 50) }],
        'EUR',
        currencyOf,
        3,
      ),
    ).toEqual([])
  })
})
