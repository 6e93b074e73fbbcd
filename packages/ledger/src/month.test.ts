import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addMonths, asMonth, dayOf, isFarDay, monthOf, monthRange } from './index.ts'

const day = fc
  .date({ min: new Date('0001-02-01'), max: new Date('9998-11-30'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

describe('dayOf', () => {
  it('takes the day from the device, not from UTC', () => {
    expect(dayOf(new Date(2026, 0, 2, 0, 5))).toBe('2026-01-02')
  })
})

describe('month', () => {
  it('holds its own days and no other', () => {
    fc.assert(
      fc.property(day, day, (a, b) => {
        const { from, until } = monthRange(monthOf(a))
        expect(from <= b && b < until).toBe(monthOf(a) === monthOf(b))
      }),
    )
    expect(monthRange(asMonth('2026-12'))).toEqual({ from: '2026-12-01', until: '2027-01-01' })
  })

  it('counts forwards and back', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -300, max: 300 }), (date, count) => {
        const month = monthOf(date)
        fc.pre(Number(date.slice(0, 4)) > 30 && Number(date.slice(0, 4)) < 9970)
        expect(addMonths(addMonths(month, count), -count)).toBe(month)
      }),
    )
    expect(addMonths(asMonth('2026-01'), -1)).toBe('2025-12')
    expect(addMonths(asMonth('2026-11'), 14)).toBe('2028-01')
  })

  it.each(['2026', '2026-13', '2026-00', '26-01', '2026-1', '2026-01-01'])('refuses %s', (text) => {
    expect(() => asMonth(text)).toThrow(RangeError)
  })
})

describe('a far day', () => {
  it.each(['0026-11-28', '1926-11-28', '1975-12-31', '2032-01-01', '2206-11-28'])('%s', (far) => {
    expect(isFarDay(far, '2026-11-28')).toBe(true)
  })

  it.each(['1976-01-01', '2026-11-28', '2031-12-31'])('is not %s', (near) => {
    expect(isFarDay(near, '2026-11-28')).toBe(false)
  })
})
