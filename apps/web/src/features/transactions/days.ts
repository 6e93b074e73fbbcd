import { addTotals, type Total } from '@sealbook/ledger'
import { readTotal } from '../../data/amount-sql.ts'
import { dayIndexAtOrBefore, type DaySum, type ListDay, type ListLayout } from './layout.ts'
import type { DayFlowRow, TransactionRow } from './queries.ts'

export type CurrencyOf = (accountId: string) => string

interface DayFlow {
  readonly day: string
  readonly accountId: string
  readonly count: number
  readonly income: Total
  readonly expense: Total
}

/** Folds one row a day and account into one entry a day, with a sum a currency. Input: days in order. */
export function toListDays(rows: readonly DayFlowRow[], currencyOf: CurrencyOf): ListDay[] {
  return foldDays(
    rows.map((row) => ({
      day: row.day,
      accountId: row.account_id,
      count: row.count,
      income: readTotal(row, 'income'),
      expense: readTotal(row, 'expense'),
    })),
    currencyOf,
  )
}

/** The same from the rows themselves, which must hold whole days, newest first. */
export function daysOfRows(rows: readonly TransactionRow[], currencyOf: CurrencyOf): ListDay[] {
  return foldDays(
    rows.map((row) => ({
      day: row.occurred_on,
      accountId: row.account_id,
      count: 1,
      income: row.kind === 'income' ? (row.amount ?? 0) : 0,
      expense: row.kind === 'expense' ? (row.amount ?? 0) : 0,
    })),
    currencyOf,
  )
}

function foldDays(flows: readonly DayFlow[], currencyOf: CurrencyOf): ListDay[] {
  const days: { day: string; count: number; sums: DaySum[] }[] = []
  for (const flow of flows) {
    let day = days.at(-1)
    if (day?.day !== flow.day) {
      day = { day: flow.day, count: 0, sums: [] }
      days.push(day)
    }
    day.count += flow.count
    addSum(day.sums, currencyOf(flow.accountId), flow.income, flow.expense)
  }
  return days
}

/** Replaces the changed days of a list by what is left of them; all lists newest first. */
export function replaceDays(
  days: readonly ListDay[],
  changed: ReadonlySet<string>,
  replacement: readonly ListDay[],
): ListDay[] {
  const unchanged = days.filter(({ day }) => !changed.has(day))
  return [...unchanged, ...replacement].sort((a, b) => (a.day < b.day ? 1 : -1))
}

/** What all days of a month come to, a currency each, in the order in which they first appear. */
export function monthSums(layout: ListLayout, month: string): DaySum[] {
  const sums: DaySum[] = []
  for (let index = dayIndexAtOrBefore(layout, `${month}-31`); ; index += 1) {
    const day = layout.days[index]
    if (day?.day.startsWith(month) !== true) return sums
    for (const sum of day.sums) addSum(sums, sum.currency, sum.inMinor, sum.outMinor)
  }
}

function addSum(sums: DaySum[], currency: string, inMinor: Total, outMinor: Total): void {
  const index = sums.findIndex((sum) => sum.currency === currency)
  const known = sums[index]
  if (known === undefined) sums.push({ currency, inMinor, outMinor })
  else {
    sums[index] = {
      currency,
      inMinor: addTotals(known.inMinor, inMinor),
      outMinor: addTotals(known.outMinor, outMinor),
    }
  }
}

/** In and out together. */
export function netOf({ inMinor, outMinor }: DaySum): Total {
  return addTotals(inMinor, outMinor)
}
