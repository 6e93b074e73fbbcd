import { addTotals, negateTotal, shareOfTotal, type Total } from '@sealbook/ledger'
import { readTotal } from '../../data/amount-sql.ts'
import type { FlowRow, MonthFlowRow, SpendingRow } from './queries.ts'

/** This month so far, and the same days of the month before, which alone compare fairly. */
export interface MonthSpans {
  readonly month: string
  readonly first: string
  readonly last: string
  readonly previousFirst: string
  readonly previousLast: string
}

export function monthSpans(today: string): MonthSpans {
  const month = today.slice(0, 7)
  const year = Number(month.slice(0, 4))
  const index = Number(month.slice(5, 7)) - 1
  const previousLength = new Date(Date.UTC(year, index, 0)).getUTCDate()
  const isMonthOver = Number(today.slice(8)) === new Date(Date.UTC(year, index + 1, 0)).getUTCDate()
  const previous = new Date(Date.UTC(year, index - 1, 1)).toISOString().slice(0, 7)
  const previousDay = isMonthOver
    ? previousLength
    : Math.min(Number(today.slice(8)), previousLength)
  return {
    month,
    first: `${month}-01`,
    last: `${month}-31`,
    previousFirst: `${previous}-01`,
    previousLast: `${previous}-${String(previousDay).padStart(2, '0')}`,
  }
}

/** Money in and out in one currency, in minor units; `outMinor` is zero or negative. */
export interface Flow {
  readonly inMinor: Total
  readonly outMinor: Total
}

export function netOf({ inMinor, outMinor }: Flow): Total {
  return addTotals(inMinor, outMinor)
}

export function flowIn(
  rows: readonly FlowRow[],
  currency: string,
  currencyOf: (accountId: string) => string,
): Flow {
  const own = rows.filter((row) => currencyOf(row.account_id) === currency)
  return {
    inMinor: own.reduce<Total>((sum, row) => addTotals(sum, readTotal(row, 'income')), 0),
    outMinor: own.reduce<Total>((sum, row) => addTotals(sum, readTotal(row, 'expense')), 0),
  }
}

export interface MonthFlow extends Flow {
  /** `YYYY-MM`. */
  readonly month: string
}

/** The months in which money of one currency moved, in the order of `rows`. */
export function flowsByMonth(
  rows: readonly MonthFlowRow[],
  currency: string,
  currencyOf: (accountId: string) => string,
): MonthFlow[] {
  const months = [...new Set(rows.map(({ month }) => month))]
  return months
    .map((month) => ({
      month,
      ...flowIn(
        rows.filter((row) => row.month === month),
        currency,
        currencyOf,
      ),
    }))
    .filter(({ inMinor, outMinor }) => inMinor !== 0 || outMinor !== 0)
}

export interface Spending {
  /** Null for what has no category, and for the rest. */
  readonly categoryId: string | null
  readonly isRest: boolean
  readonly amountMinor: Total
  /** Of all that was spent, from 0 to 1. */
  readonly share: number
}

/** The categories on which most was spent, largest first, the others in one entry at the end. */
export function topSpending(
  rows: readonly SpendingRow[],
  currency: string,
  currencyOf: (accountId: string) => string,
  most: number,
): Spending[] {
  const byCategoryId = new Map<string | null, Total>()
  for (const row of rows) {
    if (currencyOf(row.account_id) !== currency) continue
    const spent = negateTotal(readTotal(row, 'amount'))
    byCategoryId.set(row.category_id, addTotals(byCategoryId.get(row.category_id) ?? 0, spent))
  }
  const spent = [...byCategoryId]
    .filter(([, amount]) => amount > 0)
    .sort((a, b) => (a[1] < b[1] ? 1 : a[1] > b[1] ? -1 : 0))
  const total = spent.reduce<Total>((sum, [, amount]) => addTotals(sum, amount), 0)
  const entry = (categoryId: string | null, amountMinor: Total, isRest = false) => ({
    categoryId,
    isRest,
    amountMinor,
    share: shareOfTotal(amountMinor, total),
  })
  const shown = spent.length > most + 1 ? most : spent.length
  const rest = spent.slice(shown).reduce<Total>((sum, [, amount]) => addTotals(sum, amount), 0)
  return [
    ...spent.slice(0, shown).map(([categoryId, amount]) => entry(categoryId, amount)),
    ...(rest > 0 ? [entry(null, rest, true)] : []),
  ]
}
