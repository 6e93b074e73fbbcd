import { dayIndexAtOrBefore, type DaySum, type ListDay, type ListLayout } from './layout.ts'
import type { DayFlowRow, TransactionRow } from './queries.ts'

export type CurrencyOf = (accountId: string) => string

/** Folds one row a day and account into one entry a day, with a sum a currency. Input: days in order. */
export function toListDays(rows: readonly DayFlowRow[], currencyOf: CurrencyOf): ListDay[] {
  const days: { day: string; count: number; sums: DaySum[] }[] = []
  for (const row of rows) {
    let day = days.at(-1)
    if (day?.day !== row.day) {
      day = { day: row.day, count: 0, sums: [] }
      days.push(day)
    }
    day.count += row.count
    addSum(day.sums, currencyOf(row.account_id), row.income, row.expense)
  }
  return days
}

/** The same from the rows themselves, which must hold whole days, newest first. */
export function daysOfRows(rows: readonly TransactionRow[], currencyOf: CurrencyOf): ListDay[] {
  return toListDays(
    rows.map((row) => ({
      day: row.occurred_on,
      account_id: row.account_id,
      count: 1,
      income: row.kind === 'income' ? (row.amount ?? 0) : 0,
      expense: row.kind === 'expense' ? (row.amount ?? 0) : 0,
    })),
    currencyOf,
  )
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

function addSum(sums: DaySum[], currency: string, inMinor: number, outMinor: number): void {
  const index = sums.findIndex((sum) => sum.currency === currency)
  const known = sums[index]
  if (known === undefined) sums.push({ currency, inMinor, outMinor })
  else {
    sums[index] = {
      currency,
      inMinor: known.inMinor + inMinor,
      outMinor: known.outMinor + outMinor,
    }
  }
}
