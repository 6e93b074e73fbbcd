import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildLayout,
  dayAt,
  dayIndexAtOrBefore,
  dayOfRow,
  dayTop,
  emptyLayout,
  listHeight,
  rowsBetween,
  rowTop,
} from './layout.ts'

const metrics = { headerPx: 40, rowPx: 60 }
const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })

const layoutOf = (rowsPerDay: readonly number[]) =>
  buildLayout(
    rowsPerDay.map((count, index) => ({
      day: new Date(Date.UTC(2026, 0, 1) - index * 86_400_000 * 2).toISOString().slice(0, 10),
      count,
      sums: [],
    })),
  )

/** The same list laid out one piece at a time. */
function plainPositions(rowsPerDay: readonly number[]) {
  const headers: number[] = []
  const rows: { top: number; day: number }[] = []
  let top = 0
  rowsPerDay.forEach((count, day) => {
    headers.push(top)
    top += metrics.headerPx
    for (let row = 0; row < count; row += 1) {
      rows.push({ top, day })
      top += metrics.rowPx
    }
  })
  return { headers, rows, height: top }
}

describe('list layout', () => {
  it('puts every header and row where laying them out one by one would', () => {
    fc.assert(
      fc.property(counts, (rowsPerDay) => {
        const layout = layoutOf(rowsPerDay)
        const plain = plainPositions(rowsPerDay)
        expect(listHeight(layout, metrics)).toBe(plain.height)
        expect(plain.headers.map((_, day) => dayTop(layout, metrics, day))).toEqual(plain.headers)
        expect(plain.rows.map((_, row) => rowTop(layout, metrics, row))).toEqual(
          plain.rows.map((row) => row.top),
        )
        expect(plain.rows.map((_, row) => dayOfRow(layout, row))).toEqual(
          plain.rows.map((row) => row.day),
        )
      }),
    )
  })

  it('shows every row that overlaps the window', () => {
    fc.assert(
      fc.property(
        counts,
        fc.nat(200_000),
        fc.integer({ min: 1, max: 2_000 }),
        (rowsPerDay, at, tall) => {
          const layout = layoutOf(rowsPerDay)
          const plain = plainPositions(rowsPerDay)
          const topPx = at % plain.height
          const range = rowsBetween(layout, metrics, topPx, topPx + tall)
          plain.rows.forEach((row, index) => {
            const overlaps = row.top < topPx + tall && row.top + metrics.rowPx > topPx
            if (overlaps) expect(index >= range.from && index < range.to).toBe(true)
          })
          expect(range.to - range.from).toBeLessThanOrEqual(Math.ceil(tall / metrics.rowPx) + 2)
        },
      ),
    )
  })

  it('finds the day under an offset, clamped to the list', () => {
    const layout = layoutOf([2, 1])
    expect([-5, 0, 159, 160, 10_000].map((offset) => dayAt(layout, metrics, offset))).toEqual([
      0, 0, 0, 1, 1,
    ])
  })

  it('finds the newest day at or before a date', () => {
    const layout = layoutOf([1, 1, 1]) // 2026-01-01, 2025-12-30, 2025-12-28
    expect(
      ['2027-01-01', '2026-01-01', '2025-12-31', '2025-12-28', '2020-01-01'].map((day) =>
        dayIndexAtOrBefore(layout, day),
      ),
    ).toEqual([0, 0, 1, 2, 3])
  })

  it('is empty without days', () => {
    expect(listHeight(emptyLayout, metrics)).toBe(0)
    expect(rowsBetween(emptyLayout, metrics, 0, 500)).toEqual({ from: 0, to: 0 })
    expect(dayAt(emptyLayout, metrics, 0)).toBe(-1)
  })
})
