import { useCallback, useId, useState, type KeyboardEvent, type RefObject } from 'react'
import type { Account, Category, Records } from '../../data/records.ts'
import { DayGroup } from './day-group.tsx'
import { dayOfRow, dayTop, listHeight, rowTop, type ListMetrics } from './layout.ts'
import { moveRow } from './list-keys.ts'
import { ListRow, SkeletonRow } from './list-row.tsx'
import type { ListSnapshot } from './list-snapshot.ts'
import type { TransactionRow } from './queries.ts'
import { daysInRange } from './row-cache.ts'
import type { ListWindow } from './use-window.ts'

export interface TransactionGridProps {
  readonly snapshot: ListSnapshot
  readonly listWindow: ListWindow
  readonly metrics: ListMetrics
  readonly listRef: RefObject<HTMLDivElement | null>
  /** What sticks above the list and covers it. */
  readonly barRef: RefObject<HTMLElement | null>
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly today: string
  /** Stable, or every row renders again. */
  readonly onOpen: (row: TransactionRow) => void
  readonly onDelete: (row: TransactionRow) => void
}

/**
 * Every transaction in one scrolling page, of which only the rows near the window exist. The grid
 * has the focus and names its active row, so that a row may come and go without losing it.
 */
export function TransactionGrid({
  snapshot,
  listWindow,
  metrics,
  listRef,
  barRef,
  accounts,
  categories,
  today,
  onOpen,
  onDelete,
}: TransactionGridProps) {
  const { layout } = snapshot
  const gridId = useId()
  const [active, setActive] = useState<ActiveRow | null>(null)
  const activeRow = active === null ? null : findActive(active)
  const { range } = listWindow
  const isRendered = activeRow !== null && activeRow >= range.from && activeRow < range.to

  const onPress = useCallback(
    (row: TransactionRow, rowIndex: number) => {
      setActive({ index: rowIndex - 1, id: row.id })
      onOpen(row)
    },
    [onOpen],
  )
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey)
      return
    const pageRows = Math.max(1, Math.floor(window.innerHeight / metrics.rowPx) - 4)
    const next = moveRow(event.key, activeRow ?? firstInSight() - 1, layout, pageRows)
    const row = activeRow === null ? null : rowAt(activeRow)
    if (next !== null) {
      activate(next)
      scrollToRow(next)
    } else if (row !== null && (event.key === 'Enter' || isDelete(event.key))) {
      // A key that is held down must not eat the rows that move up.
      if (!event.repeat) (event.key === 'Enter' ? onOpen : onDelete)(row)
    } else return
    event.preventDefault()
  }

  function activate(index: number): void {
    setActive({ index, id: rowAt(index)?.id ?? null })
  }

  /** Where the active row is now: rows that come or go above it must not hand its place on. */
  function findActive({ index, id }: ActiveRow): number {
    const last = layout.rowCount - 1
    if (id !== null && rowAt(index)?.id !== id) {
      for (let by = 1; by <= movedRows; by += 1) {
        if (rowAt(index + by)?.id === id) return index + by
        if (rowAt(index - by)?.id === id) return index - by
      }
    }
    return Math.min(index, last)
  }

  function rowAt(index: number): TransactionRow | null {
    const day = dayOfRow(layout, index)
    return snapshot.rowAt(layout.days[day]?.day ?? '', index - (layout.firstRow[day] ?? 0))
  }

  /** The first row under the bar and its day's header. */
  function firstInSight(): number {
    const top = listRef.current?.getBoundingClientRect().top ?? 0
    const edge = barBottom() + metrics.headerPx - top
    let row = range.from
    while (row < range.to - 1 && rowTop(layout, metrics, row) < edge - 1) row += 1
    return row
  }

  function barBottom(): number {
    return barRef.current?.getBoundingClientRect().bottom ?? 0
  }

  function scrollToRow(row: number): void {
    const list = listRef.current
    if (list === null) return
    const top = list.getBoundingClientRect().top + rowTop(layout, metrics, row)
    const upperEdge = barBottom() + metrics.headerPx
    const lowerEdge = window.innerHeight - lowerBarPx
    if (top < upperEdge) window.scrollBy({ top: top - upperEdge })
    else if (top + metrics.rowPx > lowerEdge) {
      window.scrollBy({ top: top + metrics.rowPx - lowerEdge })
    }
  }

  return (
    <div
      ref={listRef}
      role="grid"
      aria-label="Transactions"
      aria-rowcount={layout.rowCount}
      aria-busy={snapshot.status === 'loading'}
      aria-activedescendant={isRendered ? `${gridId}-${activeRow}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const isByKeyboard = event.target.matches(':focus-visible')
        if (active === null && isByKeyboard && layout.rowCount > 0) activate(firstInSight())
      }}
      style={{ height: listHeight(layout, metrics) }}
      // Tab brings the list's top to the bar's lower edge, not under it.
      className="group/list relative scroll-mt-[calc(9rem+var(--safe-top))] outline-none desk:scroll-mt-16"
    >
      {daysInRange(layout, range).map(({ index, day, from, to }) => (
        <DayGroup
          key={day.day}
          day={day}
          metrics={metrics}
          topPx={dayTop(layout, metrics, index)}
          today={today}
        >
          {Array.from({ length: to - from }, (_, offset) => {
            const position = from + offset
            const row = snapshot.rowAt(day.day, position)
            const rowIndex = (layout.firstRow[index] ?? 0) + position + 1
            const place = {
              rowIndex,
              topPx: metrics.headerPx + position * metrics.rowPx,
              heightPx: metrics.rowPx,
            }
            if (row === null) return <SkeletonRow key={`waiting-${position}`} {...place} />
            return (
              <ListRow
                key={row.id}
                {...place}
                id={`${gridId}-${rowIndex - 1}`}
                row={row}
                isActive={rowIndex - 1 === activeRow}
                account={accounts.byId.get(row.account_id)}
                category={
                  row.category_id === null ? undefined : categories.byId.get(row.category_id)
                }
                onPress={onPress}
              />
            )
          })}
        </DayGroup>
      ))}
    </div>
  )
}

function isDelete(key: string): boolean {
  return key === 'Delete' || key === 'Backspace'
}

/** The shell's tab bar on a phone covers this much; on a desktop it is a little air. */
const lowerBarPx = 76

/** The row that the keyboard is at. Without an id, it was not read yet. */
interface ActiveRow {
  readonly index: number
  readonly id: string | null
}

/** A row that moved is looked for this far around its last place. */
const movedRows = 64
