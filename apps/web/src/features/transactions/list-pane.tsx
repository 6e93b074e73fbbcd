import { useCallback, useEffect, useRef } from 'react'
import { addMonths, asMonth, isMonth, monthOf, type Month } from '@sealbook/ledger'
import { deviceLocale } from '../../data/money.ts'
import type { Account, Category, Records } from '../../data/records.ts'
import { monthText } from '../../ui/dates.ts'
import { useIsDesktop } from '../../ui/media.ts'
import { useIsPrinting } from '../../ui/printing.ts'
import { monthSums } from './days.ts'
import { EmptyList } from './empty-list.tsx'
import { hasFilters, noFilters, type Filters } from './filters.ts'
import { dayIndexAtOrBefore, dayTop } from './layout.ts'
import { LoadingRows } from './list-row.tsx'
import { TransactionGrid } from './list.tsx'
import type { ListSnapshot } from './list-snapshot.ts'
import type { TransactionList } from './list-store.ts'
import { metricsFor } from './metrics.ts'
import { MonthBar } from './month-bar.tsx'
import { PrintedList } from './printed-list.tsx'
import type { TransactionRow } from './queries.ts'
import { useListSnapshot } from './use-list.ts'
import { useWindow } from './use-window.ts'

export interface ListPaneProps {
  readonly list: TransactionList
  readonly filters: Filters
  readonly onFiltersChange: (filters: Filters) => void
  readonly isSearching: boolean
  readonly onSearchClear: () => void
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly today: string
  /** Nothing to show, for the ledger itself has not arrived. */
  readonly isLoading: boolean
  readonly onOpen: (row: TransactionRow) => void
  readonly onAdd: () => void
  readonly onDelete: (row: TransactionRow) => void
}

/** The month bar and the rows under it. Only this renders when the list changes or scrolls. */
export function ListPane(props: ListPaneProps) {
  const { list, filters, onFiltersChange, today } = props
  const snapshot = useListSnapshot(list, whole)
  const { layout } = snapshot
  const listRef = useRef<HTMLDivElement>(null)
  const barRef = useRef<HTMLDivElement>(null)
  const metrics = metricsFor(useIsDesktop())
  const listWindow = useWindow(listRef, barRef, layout, metrics)
  useEffect(() => list.want(listWindow.range), [list, listWindow.range])

  const monthInSight = monthAt(layout.days[Math.max(0, listWindow.topDay)]?.day, today)
  const month = filters.month === null ? monthInSight : asMonth(filters.month)
  const newestMonth = monthAt(layout.days[0]?.day, today)
  const oldestMonth = monthAt(layout.days.at(-1)?.day, today)
  const isFree = filters.month === null
  const isPrinting = useIsPrinting()

  const scrollToMonth = useCallback(
    (target: string) => {
      const bar = barRef.current
      if (bar === null) return
      const now = list.getSnapshot().layout
      const listTop = listRef.current?.getBoundingClientRect().top ?? 0
      // Where the bar's lower edge is once it sticks.
      const barEdge = parseFloat(getComputedStyle(bar).top) + bar.offsetHeight
      const top = dayTop(now, metrics, dayIndexAtOrBefore(now, `${target}-31`))
      window.scrollBy({ top: listTop + top - barEdge + 1 })
    },
    [list, metrics],
  )
  const step = useCallback(
    (by: -1 | 1) => {
      const target = addMonths(month, by)
      if (filters.month === null) scrollToMonth(target)
      else onFiltersChange({ ...filters, month: target })
    },
    [month, filters, onFiltersChange, scrollToMonth],
  )
  const toggleOnly = useCallback(
    () => onFiltersChange({ ...filters, month: filters.month === null ? month : null }),
    [month, filters, onFiltersChange],
  )

  // A search or a month is printed whole; of the endless list, the month in sight.
  const isSelection = snapshot.searched || filters.month !== null
  const printedDays = isSelection
    ? layout.days
    : layout.days.filter(({ day }) => day.startsWith(month))
  return (
    <div className="overflow-clip rounded-xl bg-surface shadow-card print:shadow-none">
      {isPrinting && (
        <PrintedList
          snapshot={snapshot}
          days={printedDays}
          title={snapshot.searched ? `“${snapshot.text}”` : monthText(month, deviceLocale())}
          accounts={props.accounts}
          categories={props.categories}
          today={today}
        />
      )}
      <div className="print:hidden">
        <MonthBar
          barRef={barRef}
          month={month}
          isOnlyMonth={!isFree}
          sums={snapshot.status === 'ready' ? monthSums(layout, month) : null}
          hasOlder={!isFree || month > oldestMonth}
          hasNewer={!isFree || month < newestMonth}
          onStep={step}
          onToggleOnly={toggleOnly}
        />
        {snapshot.status === 'loading' || props.isLoading ? (
          <LoadingRows metrics={metrics} />
        ) : layout.rowCount === 0 ? (
          <EmptyList
            snapshot={snapshot}
            isNarrowed={props.isSearching || hasFilters(filters)}
            onShowAll={() => {
              props.onSearchClear()
              onFiltersChange(noFilters)
            }}
            onAdd={props.onAdd}
          />
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
    </div>
  )
}

/** This month without a day, or where another device wrote what is no day. */
function monthAt(day: string | undefined, today: string): Month {
  const month = day?.slice(0, 7) ?? ''
  return isMonth(month) ? month : monthOf(today)
}

function whole(snapshot: ListSnapshot): ListSnapshot {
  return snapshot
}
