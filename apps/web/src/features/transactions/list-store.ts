import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { daysOfRows, replaceDays, toListDays, type CurrencyOf } from './days.ts'
import { noFilters, type Filters } from './filters.ts'
import { buildLayout, emptyLayout, type ListLayout, type RowRange } from './layout.ts'
import {
  layoutQuery,
  rowsByIdQuery,
  rowsQuery,
  type DayFlowRow,
  type TransactionRow,
} from './queries.ts'
import { daysInRange, RowCache, type RowSpan } from './row-cache.ts'
import { findRows, type Matcher } from './search.ts'

/** What the list shows. A new object whenever anything in it is different. */
export interface ListSnapshot {
  /** `loading` only until the first layout: later ones replace what is shown. */
  readonly status: 'loading' | 'ready' | 'failed'
  readonly layout: ListLayout
  /** The filters and the search that `layout` answers. */
  readonly filters: Filters
  readonly searched: boolean
  /** The search text that it answers; another one may still be under way. */
  readonly text: string
  /** Rows looked through by a search that still runs. */
  readonly progress: { readonly done: number; readonly total: number } | null
  /** Null while the row is being read. */
  rowAt(day: string, position: number): TransactionRow | null
}

export interface ListQuestion {
  readonly filters: Filters
  readonly matcher: Matcher | null
  /** What the person typed for `matcher`. */
  readonly text: string
  readonly currencyOf: CurrencyOf
  readonly currencies: 'one' | 'several'
}

type Database = Pick<AbstractPowerSyncDatabase, 'getAll' | 'onChange'>

/** A change is on the screen at once by reading the window; the whole layout follows within this. */
const layoutDelayMs = 200
/** The window is read on its own only while it has at most this many rows. */
const windowRows = 400
/** Rows around the window that are read ahead. */
const prefetchRows = 160

/**
 * Keeps the layout and the rows around the window in step with the database. Work runs one piece
 * at a time, most urgent first; a newer question makes the answers to older ones void.
 */
export class TransactionList {
  readonly #database: Database
  readonly #workspaceId: string
  readonly #listeners = new Set<() => void>()
  readonly #cache = new RowCache<TransactionRow>()
  #question: ListQuestion = {
    filters: noFilters,
    matcher: null,
    text: '',
    currencyOf: () => '',
    currencies: 'one',
  }
  /** The question that the snapshot answers. */
  #answered: ListQuestion | null = null
  #epoch = 0
  #wanted: RowRange = { from: 0, to: 40 }
  #needsLayout = false
  #needsWindow = false
  #isRunning = false
  #layoutTimer: ReturnType<typeof setTimeout> | undefined
  #stopListening: (() => void) | undefined
  #snapshot: ListSnapshot

  constructor(database: Database, workspaceId: string) {
    this.#database = database
    this.#workspaceId = workspaceId
    this.#snapshot = {
      status: 'loading',
      layout: emptyLayout,
      filters: noFilters,
      searched: false,
      text: '',
      progress: null,
      rowAt: () => null,
    }
  }

  readonly getSnapshot = (): ListSnapshot => this.#snapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Follows the database until the returned function is called. */
  start(): () => void {
    this.#stopListening = this.#database.onChange(
      { onChange: () => this.#onChange() },
      { tables: ['transactions'], throttleMs: 1 },
    )
    return () => {
      this.#stopListening?.()
      clearTimeout(this.#layoutTimer)
      this.#epoch += 1
      this.#needsLayout = false
      this.#needsWindow = false
    }
  }

  /** Asks for another list. What is shown stays until the first answer. */
  ask(question: ListQuestion): void {
    this.#question = question
    this.#epoch += 1
    this.#needsLayout = true
    this.#needsWindow = false
    this.#run()
  }

  /** Tells which rows are in or near the window. */
  want(range: RowRange): void {
    this.#wanted = range
    this.#run()
  }

  #onChange(): void {
    this.#cache.invalidate()
    this.#needsWindow = true
    this.#layoutTimer ??= setTimeout(() => {
      this.#layoutTimer = undefined
      this.#needsLayout = true
      this.#run()
    }, layoutDelayMs)
    this.#run()
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#work().catch(() => {
      // Unreadable database: say so; the next change or question tries again.
      this.#publish({ status: 'failed', progress: null })
    })
  }

  async #work(): Promise<void> {
    try {
      for (;;) {
        const epoch = this.#epoch
        if (this.#needsWindow && this.#snapshot.status === 'ready' && !this.#needsLayout) {
          this.#needsWindow = false
          await this.#readWindow(epoch)
        } else if (this.#needsLayout) {
          this.#needsLayout = false
          this.#needsWindow = false
          await this.#readLayout(epoch)
        } else {
          const spans = this.#missingSpans()
          if (spans.length === 0) return
          await this.#readMissing(epoch, spans)
        }
      }
    } finally {
      // In the same step as the last look for work, so that none is left lying in between.
      this.#isRunning = false
    }
  }

  /** Reads the rows of the days in the window, and mends those days of the layout by them. */
  async #readWindow(epoch: number): Promise<void> {
    if (this.#snapshot.searched) return this.#readFoundRows(epoch)
    const { layout } = this.#snapshot
    const days = daysInRange(layout, this.#wanted)
    const newest = days[0]
    const oldest = days.at(-1)
    const count = days.reduce((sum, day) => sum + day.count, 0)
    if (newest === undefined || oldest === undefined || count > windowRows) {
      this.#needsLayout = true
      return
    }
    const bounds = {
      newest: newest.index === 0 ? '9999-12-31' : newest.day,
      oldest: oldest.index === layout.days.length - 1 ? '0000-01-01' : oldest.day,
    }
    const month = this.#question.filters.month
    const limit = windowRows * 2
    const span: RowSpan = {
      fromDay: month === null || bounds.oldest > month ? bounds.oldest : `${month}-01`,
      toDay: month === null || bounds.newest < `${month}-32` ? bounds.newest : `${month}-31`,
      offset: 0,
      limit,
    }
    const rows = await this.#readRows(span)
    if (epoch !== this.#epoch) return
    if (rows.length === limit) {
      this.#needsLayout = true
      return
    }
    const replacement = daysOfRows(rows, this.#question.currencyOf)
    const kept = new Set(replacement.map(({ day }) => day))
    for (const { day } of days) if (!kept.has(day)) this.#cache.replaceDay(day, [])
    this.#replaceDays(rows)
    this.#publish({ layout: buildLayout(replaceDays(layout.days, bounds, replacement)) })
  }

  /** In a search: mends what was found and is in the window; the search itself runs again later. */
  async #readFoundRows(epoch: number): Promise<void> {
    const { layout } = this.#snapshot
    const { matcher } = this.#question
    const days = daysInRange(layout, this.#wanted)
    const shown = days.flatMap((day) =>
      Array.from({ length: day.count }, (_, position) => this.#cache.get(day.day, position)),
    )
    const ids = shown.flatMap((row) => (row === undefined ? [] : [row.id]))
    const { sql, parameters } = rowsByIdQuery(ids)
    const rows = await this.#database.getAll<TransactionRow>(sql, [...parameters])
    if (epoch !== this.#epoch || matcher === null) return
    const byId = new Map(rows.filter(matcher).map((row) => [row.id, row]))
    let list = [...layout.days]
    for (const day of days) {
      const left = shown.flatMap((row) => {
        const now = row?.occurred_on === day.day ? byId.get(row.id) : undefined
        return now?.occurred_on === day.day ? [now] : []
      })
      this.#cache.replaceDay(day.day, left)
      const bounds = { newest: day.day, oldest: day.day }
      list = replaceDays(list, bounds, daysOfRows(left, this.#question.currencyOf))
    }
    this.#publish({ layout: buildLayout(list) })
  }

  async #readLayout(epoch: number): Promise<void> {
    const question = this.#question
    const { filters, matcher, currencyOf, currencies } = question
    const { sql, parameters } = layoutQuery(this.#workspaceId, filters, currencies)
    const flows = await this.#database.getAll<DayFlowRow>(sql, [...parameters])
    if (epoch !== this.#epoch) return
    const layout = buildLayout(toListDays(flows, currencyOf))
    if (matcher !== null) return this.#search(epoch, layout, matcher)
    if (this.#answered !== this.#question) {
      this.#cache.clear()
      this.#wanted = { from: 0, to: this.#wanted.to - this.#wanted.from }
    }
    await this.#readSpans(epoch, layout, this.#cache.missing(layout, clamp(this.#wanted, layout)))
    if (epoch !== this.#epoch) return
    this.#answered = question
    this.#publish({
      status: 'ready',
      layout,
      filters,
      searched: false,
      text: question.text,
      progress: null,
    })
  }

  /** Shows what a new search finds as it goes; one that runs again after a change, when it is done. */
  async #search(epoch: number, all: ListLayout, matcher: Matcher): Promise<void> {
    const question = this.#question
    const isRepeat = this.#answered === question
    const found: TransactionRow[] = []
    const show = (done: number) => {
      this.#cache.clear()
      this.#replaceDays(found)
      this.#answered = question
      this.#publish({
        status: 'ready',
        layout: buildLayout(daysOfRows(found, question.currencyOf)),
        filters: question.filters,
        searched: true,
        text: question.text,
        progress: done < all.rowCount ? { done, total: all.rowCount } : null,
      })
    }
    for await (const step of findRows(all, matcher, (span) => this.#readRows(span))) {
      if (epoch !== this.#epoch) return
      found.push(...step.found)
      if (!isRepeat && step.done < all.rowCount) show(step.done)
    }
    if (epoch === this.#epoch) show(all.rowCount)
  }

  /** What the window lacks or, when it lacks nothing, what is around it. */
  #missingSpans(): readonly RowSpan[] {
    const { layout, searched, status } = this.#snapshot
    if (searched || status !== 'ready') return []
    const window = clamp(this.#wanted, layout)
    const spans = this.#cache.missing(layout, window)
    if (spans.length > 0) return spans
    const around = { from: window.from - prefetchRows, to: window.to + prefetchRows }
    return this.#cache.missing(layout, clamp(around, layout))
  }

  async #readMissing(epoch: number, spans: readonly RowSpan[]): Promise<void> {
    const { layout } = this.#snapshot
    await this.#readSpans(epoch, layout, spans)
    if (epoch !== this.#epoch) return
    this.#cache.trim(layout, clamp(this.#wanted, layout))
    this.#publish({})
  }

  async #readSpans(epoch: number, layout: ListLayout, spans: readonly RowSpan[]): Promise<void> {
    for (const span of spans) {
      const rows = await this.#readRows(span)
      if (epoch !== this.#epoch) return
      this.#cache.store(layout, span, rows)
    }
  }

  #readRows(span: RowSpan): Promise<TransactionRow[]> {
    const { sql, parameters } = rowsQuery(this.#workspaceId, this.#question.filters, span)
    return this.#database.getAll<TransactionRow>(sql, [...parameters])
  }

  #replaceDays(rows: readonly TransactionRow[]): void {
    const byDay = new Map<string, TransactionRow[]>()
    for (const row of rows) {
      const list = byDay.get(row.occurred_on)
      if (list === undefined) byDay.set(row.occurred_on, [row])
      else list.push(row)
    }
    for (const [day, list] of byDay) this.#cache.replaceDay(day, list)
  }

  #publish(changes: Partial<ListSnapshot>): void {
    this.#snapshot = {
      ...this.#snapshot,
      ...changes,
      rowAt: (day, position) => this.#cache.get(day, position) ?? null,
    }
    for (const listener of this.#listeners) listener()
  }
}

function clamp(range: RowRange, layout: ListLayout): RowRange {
  return { from: Math.max(0, range.from), to: Math.min(layout.rowCount, range.to) }
}
