import type { Total } from '@sealbook/ledger'

/** Money in and out of one day in one currency, in minor units; `outMinor` is zero or negative. */
export interface DaySum {
  readonly currency: string
  readonly inMinor: Total
  readonly outMinor: Total
}

/** One day of the list: how many rows it has, and what they come to. */
export interface ListDay {
  readonly day: string
  readonly count: number
  readonly sums: readonly DaySum[]
}

/** Fixed heights, in CSS pixels, that make every position exact before any row is read. */
export interface ListMetrics {
  readonly headerPx: number
  readonly rowPx: number
}

/** Days newest first. `firstRow[i]` is the number of rows above day `i`; its last entry is the row count. */
export interface ListLayout {
  readonly days: readonly ListDay[]
  readonly firstRow: Float64Array
  readonly rowCount: number
}

/** Rows `from` (inclusive) to `to` (exclusive), counted from the newest. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

export const emptyLayout: ListLayout = buildLayout([])

export function buildLayout(days: readonly ListDay[]): ListLayout {
  const firstRow = new Float64Array(days.length + 1)
  days.forEach((day, index) => {
    firstRow[index + 1] = (firstRow[index] ?? 0) + day.count
  })
  return { days, firstRow, rowCount: firstRow[days.length] ?? 0 }
}

/** Only rows that the list has. */
export function clamp(range: RowRange, layout: ListLayout): RowRange {
  return { from: Math.max(0, range.from), to: Math.min(layout.rowCount, range.to) }
}

export function listHeight(layout: ListLayout, metrics: ListMetrics): number {
  return layout.days.length * metrics.headerPx + layout.rowCount * metrics.rowPx
}

/** Offset of a day's header from the top of the list. */
export function dayTop(layout: ListLayout, metrics: ListMetrics, dayIndex: number): number {
  return (
    dayIndex * metrics.headerPx + (layout.firstRow[dayIndex] ?? layout.rowCount) * metrics.rowPx
  )
}

/** Offset of a row from the top of the list. */
export function rowTop(layout: ListLayout, metrics: ListMetrics, row: number): number {
  return (dayOfRow(layout, row) + 1) * metrics.headerPx + row * metrics.rowPx
}

/** Index of the day that covers this offset, clamped to the list; -1 when the list is empty. */
export function dayAt(layout: ListLayout, metrics: ListMetrics, offsetPx: number): number {
  return lastIndexWhere(layout.days.length, (index) => dayTop(layout, metrics, index) <= offsetPx)
}

/** Index of the day that holds this row, clamped to the list; -1 when the list is empty. */
export function dayOfRow(layout: ListLayout, row: number): number {
  return lastIndexWhere(layout.days.length, (index) => (layout.firstRow[index] ?? 0) <= row)
}

/** Index of a day, or of the newest day that is older; the number of days when there is none. */
export function dayIndexAtOrBefore(layout: ListLayout, day: string): number {
  const newer = lastIndexWhere(
    layout.days.length,
    (index) => (layout.days[index]?.day ?? '') > day,
    -1,
  )
  return newer + 1
}

/** Rows that show between two offsets. */
export function rowsBetween(
  layout: ListLayout,
  metrics: ListMetrics,
  topPx: number,
  bottomPx: number,
): RowRange {
  if (layout.rowCount === 0 || bottomPx <= topPx) return { from: 0, to: 0 }
  const from = rowAt(layout, metrics, topPx)
  const to = Math.min(layout.rowCount, rowAt(layout, metrics, bottomPx) + 1)
  return { from: Math.min(from, to), to }
}

/** The row at this offset; for a day's header, the day's first row. */
function rowAt(layout: ListLayout, metrics: ListMetrics, offsetPx: number): number {
  const day = Math.max(0, dayAt(layout, metrics, offsetPx))
  const inside = offsetPx - dayTop(layout, metrics, day) - metrics.headerPx
  const count = layout.days[day]?.count ?? 0
  const within = Math.min(Math.max(0, Math.floor(inside / metrics.rowPx)), Math.max(0, count - 1))
  return (layout.firstRow[day] ?? 0) + within
}

/** Last index below `length` for which a predicate that is first true, then false, holds. */
function lastIndexWhere(
  length: number,
  holds: (index: number) => boolean,
  none = length > 0 ? 0 : -1,
) {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low === 0 ? none : low - 1
}
