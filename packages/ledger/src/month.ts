declare const brand: unique symbol

/** `YYYY-MM`, in the calendar that the person writes dates in. */
export type Month = string & { readonly [brand]: 'month' }

/** Days of a month: `from` is its first, `until` the first that is no longer in it. */
export interface DayRange {
  readonly from: string
  readonly until: string
}

/** The day that it is where the device is, `YYYY-MM-DD`. */
export function dayOf(date: Date): string {
  const pad = (value: number, length: number) => String(value).padStart(length, '0')
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`
}

/** @param date `YYYY-MM-DD`. */
export function monthOf(date: string): Month {
  return asMonth(date.slice(0, 7))
}

/** @throws unless the text is `YYYY-MM`. */
export function asMonth(text: string): Month {
  if (!isMonth(text)) throw new RangeError('not a month')
  return text
}

/** @param count may be negative. @throws outside the years 0000 to 9999. */
export function addMonths(month: Month, count: number): Month {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + count
  const year = String(Math.floor(months / 12)).padStart(4, '0')
  return asMonth(`${year}-${String((((months % 12) + 12) % 12) + 1).padStart(2, '0')}`)
}

/** Compare dates as text: `occurred_on >= from AND occurred_on < until`. */
export function monthRange(month: Month): DayRange {
  return { from: `${month}-01`, until: `${addMonths(month, 1)}-01` }
}

/** Whether the text is `YYYY-MM-DD` and such a day exists: 2026-02-30 does not. */
export function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false
  const day = Number(text.slice(8))
  return day >= 1 && day <= daysOfMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
}

/** Years before and after today in which a day is taken for what was meant. */
const nearYears = { before: 50, after: 5 }

/** Whether a day is so far from today that it was hardly meant. Both `YYYY-MM-DD`. */
export function isFarDay(day: string, today: string): boolean {
  const years = Number(day.slice(0, 4)) - Number(today.slice(0, 4))
  return years < -nearYears.before || years > nearYears.after
}

export function isMonth(text: string): text is Month {
  return /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(text)
}

/** @param month from 1. Of a month that does not exist, none. */
function daysOfMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  if (month < 1 || month > 12) return 0
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
