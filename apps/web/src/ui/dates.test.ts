import { describe, expect, it } from 'vitest'
import { dayText, monthText, shortDayText } from './dates.ts'

describe('dates', () => {
  it('names the days around today, and the year only when it is another', () => {
    const text = (day: string) => dayText(day, '2026-01-01', 'en-GB')
    expect(text('2026-01-01')).toBe('Today, 1 January')
    expect(text('2025-12-31')).toBe('Yesterday, 31 December')
    expect(text('2026-01-02')).toBe('Tomorrow, 2 January')
    expect(text('2026-11-22')).toBe('Sunday 22 November')
    expect(text('2024-02-29')).toBe('Thursday, 29 February 2024')
  })

  it.each(['2026-02-30', '9999-99-99', '', 'tomorrow'])(
    'shows what is no day as it is: %s',
    (day) => {
      expect(dayText(day, '2026-01-01', 'en-GB')).toBe(day)
      expect(shortDayText(day, '2026-01-01', 'en-GB')).toBe(day)
      expect(monthText('2026-13', 'en-GB')).toBe('2026-13')
    },
  )

  it('writes short days and months in the locale', () => {
    expect(shortDayText('2026-11-22', '2026-01-01', 'en-GB')).toBe('22 Nov')
    expect(shortDayText('2025-11-22', '2026-01-01', 'de-DE')).toBe('22. Nov. 2025')
    expect(monthText('2026-11', 'en-GB')).toBe('November 2026')
  })
})
