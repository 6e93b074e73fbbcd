import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { readAfterWrites } from '../../data/after-write.ts'
import { read, readChanges, type Reader } from './changes.ts'
import { Countdown } from './countdown.ts'
import { daysOfRows, replaceDays, toListDays } from './days.ts'
import { noFilters } from './filters.ts'
import { buildLayout, clamp, type ListLayout, type RowRange } from './layout.ts'
import { loadingList, type ListQuestion, type ListSnapshot } from './list-snapshot.ts'
import type { Query } from '../../data/query.ts'
import {
  changedDaysQuery,
  followedDays,
  layoutQuery,
  newestChangeQuery,
  rowsByIdQuery,
  rowsQuery,
  type DayFlowRow,
  type TransactionRow,
} from './queries.ts'
import { daysInRange, RowCache, spansOf, type RowSpan } from './row-cache.ts'
import { findRows } from './find.ts'
import type { Matcher } from './search.ts'
import { Throttle } from './throttle.ts'

type Database = Pick<AbstractPowerSyncDatabase, 'readLock' | 'onChange' | 'database'>

/** What is too much to follow step by step is read anew, at most this often. */
const layoutDelayMs = 200
/** So long after a write was read in its own lock, a change event tells of that write again. */
const echoMs = 50
/** After a change, nothing is read ahead for this long. */
const restMs = 300
/** The window counts as at least this many rows. */
const leastRows = 40
/** Rows around the window that are read ahead. */
const prefetchRows = 160
const nothing = (): void => undefined

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
  /** Up to which change of `day_totals` the layout is true. */
  #seq = 0
  #needsLayout = false
  #needsChanges = false
  #isRunning = false
  readonly #layoutReads = new Throttle(layoutDelayMs, () => {
    this.#needsLayout ||= this.#layoutReads.allows()
    this.#run()
  })
  /** Runs while changes come. */
  readonly #rest = new Countdown(restMs, () => this.#run())
  /**
   * Runs after a write that was read in its own lock: what an event tells meanwhile is looked at a
   * little later, out of the way of router and upload.
   */
  readonly #echo = new Countdown(echoMs, () => this.#run())
  #snapshot: ListSnapshot

  constructor(database: Database, workspaceId: string) {
    this.#database = database
    this.#workspaceId = workspaceId
    this.#snapshot = loadingList
  }

  readonly getSnapshot = (): ListSnapshot => this.#snapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Follows the database until the returned function is called. */
  start(): () => void {
    const stopListening = this.#database.onChange(
      { onChange: () => this.#onChange() },
      { tables: ['transactions'], throttleMs: 1 },
    )
    const stopReading = readAfterWrites(this.#database, (reader) => this.#afterWrite(reader))
    return () => {
      stopListening()
      stopReading()
      this.#layoutReads.stop()
      this.#rest.stop()
      this.#echo.stop()
      this.#epoch += 1
      this.#needsLayout = false
      this.#needsChanges = false
    }
  }

  /** Asks for another list. What is shown stays until the first answer. */
  ask(question: ListQuestion): void {
    this.#question = question
    this.#epoch += 1
    this.#needsLayout = true
    this.#needsChanges = false
    this.#run()
  }

  /** Tells which rows are in or near the window. */
  want(range: RowRange): void {
    this.#wanted = range
    this.#run()
  }

  #onChange(): void {
    this.#needsChanges = true
    if (this.#snapshot.status === 'failed') this.#needsLayout ||= this.#layoutReads.allows()
    this.#rest.start()
    if (!this.#echo.isRunning) this.#run()
  }

  /** Work that runs may wait for the lock that this is called in: it looks once more when it is done. */
  async #afterWrite(reader: Reader): Promise<() => void> {
    const { status, searched } = this.#snapshot
    if (this.#isRunning || this.#needsLayout || status !== 'ready' || searched) {
      // The change event may be lost.
      this.#needsChanges = true
      return () => this.#run()
    }
    this.#isRunning = true
    this.#rest.start()
    const show = await this.#followDays(this.#epoch, reader).catch(() => this.#fail)
    if (show !== nothing) this.#echo.start()
    return () => {
      show()
      this.#isRunning = false
      this.#run()
    }
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#work().catch(this.#fail)
  }

  /** Unreadable database: say so; the next change or question tries again. */
  readonly #fail = (): void => this.#publish({ status: 'failed', progress: null })

  async #work(): Promise<void> {
    try {
      for (;;) {
        const epoch = this.#epoch
        if (this.#needsLayout) {
          this.#needsLayout = false
          this.#needsChanges = false
          await this.#readLayout(epoch)
        } else if (this.#needsChanges && this.#snapshot.status === 'ready') {
          this.#needsChanges = false
          await this.#followChanges(epoch)
        } else {
          const { layout, searched, status } = this.#snapshot
          if (searched || status !== 'ready') return
          const shown = this.#missingIn(layout, 0)
          const spans = shown.length > 0 ? shown : this.#missingAround(layout)
          if (spans.length === 0) return
          const isRead = await this.#readMissing(epoch, layout, spans)
          if (isRead && shown.length > 0) this.#publish({})
          // Whatever made it void is on its way here.
          if (!isRead && !this.#needsChanges && !this.#needsLayout) return
        }
      }
    } finally {
      // In the same step as the last look for work, so that none is left lying in between.
      this.#isRunning = false
    }
  }

  async #followChanges(epoch: number): Promise<void> {
    if (this.#snapshot.searched) {
      this.#needsLayout ||= this.#layoutReads.allows()
      return this.#readFoundRows(epoch)
    }
    const show = await this.#database.readLock((reader) => this.#followDays(epoch, reader))
    show()
  }

  /**
   * Brings the days that changed up to date, and with them the rows in the window, in one lock.
   * @returns what shows them.
   */
  async #followDays(epoch: number, reader: Reader): Promise<() => void> {
    const { layout: before } = this.#snapshot
    const range = this.#window(before, 0)
    const changes = await readChanges(
      reader,
      this.#workspaceId,
      this.#question,
      this.#seq,
      spansOf(before, range),
      range.from === 0,
    )
    if (epoch !== this.#epoch || changes.days.size === 0) return nothing
    if (changes.days.size > followedDays) {
      if (this.#layoutReads.allows()) await this.#readWhole(epoch, reader)
      return nothing
    }
    const layout = buildLayout(replaceDays(before.days, changes.days, changes.left))
    this.#seq = changes.seq
    this.#cache.invalidate(changes.days)
    for (const span of this.#missingIn(layout, 0)) {
      const rows = changes.rowsOf(span)
      if (rows !== null) this.#cache.store(layout, span, rows)
    }
    await this.#readSpans(epoch, reader, layout, this.#missingIn(layout, 0))
    return () => {
      if (epoch === this.#epoch) this.#publish({ layout })
    }
  }

  /** In a search: mends what was found and is in the window; the search itself runs again later. */
  async #readFoundRows(epoch: number): Promise<void> {
    const { layout } = this.#snapshot
    const { matcher } = this.#question
    const days = daysInRange(layout, this.#wanted)
    const shown = days
      .flatMap(({ day: { day, count } }) =>
        Array.from({ length: count }, (_, position) => this.#cache.get(day, position)),
      )
      .filter((row) => row !== undefined)
    const query = rowsByIdQuery(shown.map(({ id }) => id))
    const rows = await this.#database.readLock((reader) => read<TransactionRow>(reader, query))
    if (epoch !== this.#epoch || matcher === null) return
    const byId = new Map(rows.filter(matcher).map((row) => [row.id, row]))
    const left = shown.flatMap(({ id, occurred_on }) => {
      const now = byId.get(id)
      return now?.occurred_on === occurred_on ? [now] : []
    })
    const changed = new Set(days.map(({ day }) => day.day))
    const found = daysOfRows(left, this.#question.currencyOf)
    const kept = new Set(found.map(({ day }) => day))
    for (const day of changed) if (!kept.has(day)) this.#cache.replaceDay(day, [])
    this.#replaceDays(left)
    this.#publish({ layout: buildLayout(replaceDays(layout.days, changed, found)) })
  }

  async #readLayout(epoch: number): Promise<void> {
    const { matcher } = this.#question
    if (matcher === null) {
      return this.#database.readLock((reader) => this.#readWhole(epoch, reader))
    }
    const layout = await this.#database.readLock((reader) => this.#layoutNow(epoch, reader))
    if (layout !== null) await this.#search(epoch, layout, matcher)
  }

  /** The layout and the rows in the window, in one lock: each more would wait for the router. */
  async #readWhole(epoch: number, reader: Reader): Promise<void> {
    const question = this.#question
    const layout = await this.#layoutNow(epoch, reader)
    if (layout === null) return
    if (this.#answered !== question) {
      this.#cache.clear()
      this.#wanted = { from: 0, to: this.#wanted.to - this.#wanted.from }
    }
    this.#cache.invalidate(layout.days.map(({ day }) => day))
    await this.#readSpans(epoch, reader, layout, this.#missingIn(layout, 0))
    if (epoch !== this.#epoch) return
    this.#cache.trim(layout, clamp(this.#wanted, layout))
    this.#answered = question
    this.#publish({
      status: 'ready',
      layout,
      filters: question.filters,
      searched: false,
      text: question.text,
      progress: null,
    })
  }

  /** Null when the question is another one by now. */
  async #layoutNow(epoch: number, reader: Reader): Promise<ListLayout | null> {
    const { filters, currencyOf, currencies } = this.#question
    // First, so that a change in between is followed again rather than missed.
    const newest = await read<{ seq: number }>(reader, newestChangeQuery)
    const query = layoutQuery(this.#workspaceId, filters, currencies)
    const flows = await read<DayFlowRow>(reader, query)
    if (epoch !== this.#epoch) return null
    this.#seq = newest[0]?.seq ?? 0
    return buildLayout(toListDays(flows, currencyOf))
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
    const [database, workspaceId] = [this.#database, this.#workspaceId]
    for await (const step of findRows(all, { ...question, matcher, database, workspaceId })) {
      if (epoch !== this.#epoch) return
      found.push(...step.found)
      if (!isRepeat && step.done < all.rowCount) show(step.done)
    }
    if (epoch === this.#epoch) show(all.rowCount)
  }

  /** What is ahead of the window; nothing right after a change, which is on its way to the screen. */
  #missingAround(layout: ListLayout): readonly RowSpan[] {
    return this.#rest.isRunning ? [] : this.#missingIn(layout, prefetchRows)
  }

  /** What the window lacks, with so many rows before and after it. */
  #missingIn(layout: ListLayout, margin: number): readonly RowSpan[] {
    return this.#cache.missing(layout, this.#window(layout, margin))
  }

  #window(layout: ListLayout, margin: number): RowRange {
    // An empty list has an empty window, and is to show its first rows with its first layout.
    const { from, to } = clamp(
      { from: this.#wanted.from, to: Math.max(this.#wanted.to, this.#wanted.from + leastRows) },
      layout,
    )
    return clamp({ from: from - margin, to: to + margin }, layout)
  }

  async #readMissing(
    epoch: number,
    layout: ListLayout,
    spans: readonly RowSpan[],
  ): Promise<boolean> {
    const isRead = await this.#database.readLock((reader) =>
      this.#readSpans(epoch, reader, layout, spans),
    )
    if (isRead) this.#cache.trim(layout, clamp(this.#wanted, layout))
    return isRead
  }

  /** False, with nothing kept, when the layout is another one by now: its spans hold other rows. */
  async #readSpans(
    epoch: number,
    reader: Reader,
    layout: ListLayout,
    spans: readonly RowSpan[],
  ): Promise<boolean> {
    if (spans.length === 0) return true
    const answers: TransactionRow[][] = []
    for (const span of spans) answers.push(await read(reader, this.#rowsOf(span)))
    const changed = await read(reader, changedDaysQuery(this.#workspaceId, this.#seq))
    if (epoch !== this.#epoch || changed.length > 0) return false
    for (const [at, span] of spans.entries()) this.#cache.store(layout, span, answers[at] ?? [])
    return true
  }

  #rowsOf(span: RowSpan): Query {
    return rowsQuery(this.#workspaceId, this.#question.filters, span)
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
