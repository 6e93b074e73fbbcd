/**
 * Days are `YYYY-MM-DD` and months `YYYY-MM`, in the person's own calendar, never instants. What
 * another device wrote and is no such day is shown as it is.
 */

/** "Today, 22 November", likewise the days around it; others with their weekday. */
export function dayText(day: string, today: string, locale: string): string {
  if (!isInCalendar(day)) return day
  const relative = { [shiftDay(today, -1)]: -1, [today]: 0, [shiftDay(today, 1)]: 1 }[day]
  const isThisYear = day.slice(0, 4) === today.slice(0, 4)
  const text = dateFormat(locale, {
    day: 'numeric',
    month: 'long',
    ...(relative === undefined ? { weekday: 'long' } : {}),
    ...(relative === undefined && !isThisYear ? { year: 'numeric' } : {}),
  }).format(utc(day))
  if (relative === undefined) return text
  const name = relativeFormat(locale).format(relative, 'day')
  return `${name.charAt(0).toLocaleUpperCase(locale)}${name.slice(1)}, ${text}`
}

/** "22 Nov", with the year when it is another one. */
export function shortDayText(day: string, today: string, locale: string): string {
  if (!isInCalendar(day)) return day
  const isThisYear = day.slice(0, 4) === today.slice(0, 4)
  return dateFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' }),
  }).format(utc(day))
}

/** "November 2026". */
export function monthText(month: string, locale: string): string {
  if (!isInCalendar(`${month}-01`)) return month
  return dateFormat(locale, { month: 'long', year: 'numeric' }).format(utc(`${month}-01`))
}

function shiftDay(day: string, by: number): string {
  const date = utc(day)
  date.setUTCDate(date.getUTCDate() + by)
  return date.toISOString().slice(0, 10)
}

/** Engines take 2026-02-30 for the second of March. */
function isInCalendar(day: string): boolean {
  const date = utc(day)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`)
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()
const relativeFormats = new Map<string, Intl.RelativeTimeFormat>()

/** Making a format takes longer than using it a thousand times. */
function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const known = dateFormats.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
  dateFormats.set(key, made)
  return made
}

function relativeFormat(locale: string): Intl.RelativeTimeFormat {
  const known = relativeFormats.get(locale)
  if (known !== undefined) return known
  const made = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  relativeFormats.set(locale, made)
  return made
}
