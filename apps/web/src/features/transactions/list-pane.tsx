import { useEffect, useRef, type ReactNode } from 'react'
import { addMonths, asMonth, monthOf } from '@sealbook/ledger'
import type { Account, Category, Records } from '../../data/records.ts'
import { useIsDesktop } from '../../ui/media.ts'
import { monthSums } from './days.ts'
import type { Filters } from './filters.ts'
import { dayIndexAtOrBefore, dayTop } from './layout.ts'
import { LoadingRows } from './list-row.tsx'
import { TransactionGrid } from './list.tsx'
import type { ListSnapshot, TransactionList } from './list-store.ts'
import { metricsFor } from './metrics.ts'
import { MonthBar } from './month-bar.tsx'
import type { TransactionRow } from './queries.ts'
import { useWindow } from './use-window.ts'

export interface ListPaneProps {
  readonly snapshot: ListSnapshot
  readonly list: TransactionList
  readonly filters: Filters
  readonly onFiltersChange: (filters: Filters) => void
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly today: string
  /** Nothing to show, for the ledger itself has not arrived. */
  readonly isLoading: boolean
  readonly onOpen: (row: TransactionRow) => void
  readonly onDelete: (row: TransactionRow) => void
  /** Shown instead of the rows when there is none. */
  readonly empty: ReactNode
}

/** The month bar and the rows under it. Apart from the screen, so that scrolling renders only this. */
export function ListPane(props: ListPaneProps) {
  const { snapshot, list, filters, onFiltersChange, today } = props
  const { layout } = snapshot
  const listRef = useRef<HTMLDivElement>(null)
  const barRef = useRef<HTMLDivElement>(null)
  const metrics = metricsFor(useIsDesktop())
  const listWindow = useWindow(listRef, barRef, layout, metrics)
  useEffect(() => list.want(listWindow.range), [list, listWindow.range])

  const monthInSight = monthOf(layout.days[Math.max(0, listWindow.topDay)]?.day ?? today)
  const month = filters.month === null ? monthInSight : asMonth(filters.month)
  const newestMonth = monthOf(layout.days[0]?.day ?? today)
  const oldestMonth = monthOf(layout.days.at(-1)?.day ?? today)
  const isFree = filters.month === null

  const step = (by: -1 | 1) => {
    const target = addMonths(month, by)
    if (!isFree) onFiltersChange({ ...filters, month: target })
    else scrollToDay(dayIndexAtOrBefore(layout, `${target}-31`))
  }
  const scrollToDay = (dayIndex: number) => {
    const listTop = listRef.current?.getBoundingClientRect().top ?? 0
    const bar = barRef.current
    if (bar === null) return
    // Where the bar's lower edge is once it sticks.
    const barEdge = parseFloat(getComputedStyle(bar).top) + bar.offsetHeight
    window.scrollBy({ top: listTop + dayTop(layout, metrics, dayIndex) - barEdge + 1 })
  }

  return (
    <div className="overflow-clip rounded-xl bg-surface shadow-card">
      <MonthBar
        barRef={barRef}
        month={month}
        isOnlyMonth={!isFree}
        sums={snapshot.status === 'ready' ? monthSums(layout.days, month) : null}
        hasOlder={!isFree || month > oldestMonth}
        hasNewer={!isFree || month < newestMonth}
        onStep={step}
        onToggleOnly={() => onFiltersChange({ ...filters, month: isFree ? month : null })}
      />
      {snapshot.status === 'loading' || props.isLoading ? (
        <LoadingRows metrics={metrics} />
      ) : layout.rowCount === 0 ? (
        props.empty
      ) : (
        <TransactionGrid
          snapshot={snapshot}
          listWindow={listWindow}
          metrics={metrics}
          listRef={listRef}
          barRef={barRef}
          accounts={props.accounts}
          categories={props.categories}
          today={today}
          onOpen={props.onOpen}
          onDelete={props.onDelete}
        />
      )}
    </div>
  )
}
