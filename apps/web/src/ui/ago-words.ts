import { deviceLocale } from '../platform/locale.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** How long ago, roughly: "just now", "5 minutes ago", or a date once it is days. */
export function agoWords(thenMs: number, nowMs: number, locale = deviceLocale()): string {
  const age = nowMs - thenMs
  if (age < minuteMs) return 'just now'
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'always' })
  if (age < hourMs) return format.format(-Math.floor(age / minuteMs), 'minute')
  if (age < dayMs) return format.format(-Math.floor(age / hourMs), 'hour')
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(thenMs)
}
