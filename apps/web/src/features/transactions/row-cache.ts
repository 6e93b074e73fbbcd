import { dayIndexAtOrBefore, type ListDay, type ListLayout, type RowRange } from './layout.ts'

/** Rows are read and kept in pages of one day; a page of a day that has more rows than this is cut. */
const pageRows = 64
/** Most rows that one query reads. */
const spanRows = 384
/** Above this many rows, those far from the window are forgotten. */
const keptRows = 6_000

/** One query: every row of the days `fromDay` (older) to `toDay`, or one page of one large day. */
export interface RowSpan {
  readonly fromDay: string
  readonly toDay: string
  readonly offset: number
  readonly limit: number
}

export interface CachedRow {
  readonly id: string
  readonly occurred_on: string
  readonly updated_at: number
}

interface DayRows<R> {
  readonly rows: (R | undefined)[]
  /** Pages read since the last change; the others show what they last held until they are read. */
  readonly fresh: Set<number>
}

/**
 * Rows by day and position. After a change every page counts as stale but still shows, so that
 * nothing flickers, and rows that did not change keep their identity, so that they do not render.
 */
export class RowCache<R extends CachedRow> {
  #days = new Map<string, DayRows<R>>()
  #kept = 0

  get(day: string, position: number): R | undefined {
    return this.#days.get(day)?.rows[position]
  }

  clear(): void {
    this.#days.clear()
    this.#kept = 0
  }

  /** What these days hold is to be read again, and shows until then. */
  invalidate(days: Iterable<string>): void {
    for (const day of days) this.#days.get(day)?.fresh.clear()
  }

  /** What must be read to show these rows; empty when all of it is fresh. */
  missing(layout: ListLayout, range: RowRange): RowSpan[] {
    return spansOf(layout, range, (day, page) => this.#days.get(day)?.fresh.has(page) !== true)
  }

  /** Stores the answer to one span. `layout` says how many rows each day has. */
  store(layout: ListLayout, span: RowSpan, rows: readonly R[]): void {
    const byDay = new Map<string, R[]>()
    for (const row of rows) {
      const list = byDay.get(row.occurred_on)
      if (list === undefined) byDay.set(row.occurred_on, [row])
      else list.push(row)
    }
    // Days without an answer count as read too, or they would be asked for again and again.
    for (let at = dayIndexAtOrBefore(layout, span.toDay); at < layout.days.length; at += 1) {
      const day = layout.days[at]
      if (day === undefined || day.day < span.fromDay) break
      this.#storePage(day.day, day.count, span.offset, byDay.get(day.day) ?? [])
    }
  }

  /** Replaces whole days, in which nothing else remains. */
  replaceDay(day: string, rows: readonly R[]): void {
    if (rows.length === 0) {
      this.#forget(day)
      return
    }
    this.#storePage(day, rows.length, 0, rows)
    const stored = this.#days.get(day)
    for (let page = 0; page * pageRows < rows.length; page += 1) stored?.fresh.add(page)
  }

  /** Forgets days that left the list, and, when too much is kept, those far from the window. */
  trim(layout: ListLayout, range: RowRange): void {
    if (this.#kept <= keptRows) return
    const near = { from: Math.max(0, range.from - keptRows / 4), to: range.to + keptRows / 4 }
    const keep = new Set(daysInRange(layout, near).map(({ day }) => day.day))
    for (const day of [...this.#days.keys()]) if (!keep.has(day)) this.#forget(day)
  }

  #storePage(day: string, count: number, offset: number, rows: readonly R[]): void {
    const stored = this.#days.get(day) ?? { rows: [], fresh: new Set<number>() }
    const known = new Map(stored.rows.flatMap((row) => (row === undefined ? [] : [[row.id, row]])))
    this.#kept -= stored.rows.length
    stored.rows.length = count
    rows.forEach((row, index) => {
      if (offset + index < count) stored.rows[offset + index] = sameRow(known.get(row.id), row)
    })
    this.#kept += count
    stored.fresh.add(offset / pageRows)
    this.#days.set(day, stored)
  }

  #forget(day: string): void {
    this.#kept -= this.#days.get(day)?.rows.length ?? 0
    this.#days.delete(day)
  }
}

/** The spans that hold these rows, of the pages that `isWanted`. */
export function spansOf(
  layout: ListLayout,
  range: RowRange,
  isWanted: (day: string, page: number) => boolean = () => true,
): RowSpan[] {
  // A span over a day that is not wanted would read that day's rows in place of its own last ones.
  const runs: DayPage[][] = [[]]
  for (const { day, from, to } of daysInRange(layout, range)) {
    const wanted: DayPage[] = []
    for (let page = Math.floor(from / pageRows); page * pageRows < to; page += 1) {
      if (isWanted(day.day, page)) wanted.push({ day: day.day, count: day.count, page })
    }
    if (wanted.length === 0) runs.push([])
    else runs.at(-1)?.push(...wanted)
  }
  return runs.flatMap((pages) => joinPages(pages, spanRows, pageRows))
}

interface DayPage {
  readonly day: string
  readonly count: number
  readonly page: number
}

/**
 * Pages of days next to each other: whole days become one span; of a day of more rows than
 * `rowsAPage`, each page is one.
 */
export function joinPages(
  pages: readonly DayPage[],
  maxRows: number,
  rowsAPage: number,
): RowSpan[] {
  const spans: RowSpan[] = []
  let isOpen = false
  for (const { day, count, page } of pages) {
    const last = spans.at(-1)
    if (count > rowsAPage) {
      spans.push({ fromDay: day, toDay: day, offset: page * rowsAPage, limit: rowsAPage })
      isOpen = false
    } else if (isOpen && last !== undefined && last.limit + count <= maxRows) {
      spans[spans.length - 1] = { ...last, fromDay: day, limit: last.limit + count }
    } else {
      spans.push({ fromDay: day, toDay: day, offset: 0, limit: count })
      isOpen = true
    }
  }
  return spans
}

/** Keeps the row that is already shown when nothing in it changed. */
function sameRow<R extends CachedRow>(known: R | undefined, row: R): R {
  if (known === undefined) return row
  const keys = Object.keys(row) as (keyof R)[]
  return keys.every((key) => Object.is(known[key], row[key])) ? known : row
}

/** The days that a range of rows touches, with the positions inside each day. */
export function daysInRange(
  layout: ListLayout,
  range: RowRange,
): { index: number; day: ListDay; from: number; to: number }[] {
  const found = []
  let low = 0
  let high = layout.days.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((layout.firstRow[middle + 1] ?? 0) <= range.from) low = middle + 1
    else high = middle
  }
  for (let index = low; index < layout.days.length; index += 1) {
    const first = layout.firstRow[index] ?? 0
    const day = layout.days[index]
    if (day === undefined || first >= range.to) break
    const from = Math.max(0, range.from - first)
    const to = Math.min(day.count, range.to - first)
    found.push({ index, day, from, to })
  }
  return found
}
