import { memo, useMemo, type ReactNode } from 'react'
import { Clock } from 'lucide-react'
import { flowText } from '../../data/money.ts'
import type { Account, Category } from '../../data/records.ts'
import { Amount } from '../../ui/amount.tsx'
import { cx } from '../../ui/cx.ts'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import type { ListMetrics } from './layout.ts'
import type { TransactionRow } from './queries.ts'

const rowClass =
  'absolute inset-x-0 flex contain-strict items-center gap-3 px-4 tab:px-5 desk:grid desk:grid-cols-[2.5rem_minmax(0,1.5fr)_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)] desk:gap-4'

export interface ListRowProps {
  readonly row: TransactionRow
  readonly id: string
  /** From 1, over the whole list. */
  readonly rowIndex: number
  readonly topPx: number
  readonly heightPx: number
  readonly isActive: boolean
  readonly account: Account | undefined
  readonly category: Category | undefined
  readonly onPress: (row: TransactionRow, rowIndex: number) => void
}

/** One transaction. Its cells render again only when it or its names change, not when it moves. */
export const ListRow = memo(function ListRow(props: ListRowProps) {
  const { row, account, category } = props
  const { label, cells } = useMemo(
    () => renderCells(row, account, category),
    [row, account, category],
  )
  return (
    <div
      role="row"
      id={props.id}
      aria-rowindex={props.rowIndex}
      aria-selected={props.isActive}
      aria-label={label}
      onClick={() => props.onPress(row, props.rowIndex)}
      style={{ top: props.topPx, height: props.heightPx }}
      className={cx(
        rowClass,
        'cursor-pointer hover:bg-hover',
        props.isActive &&
          'group-focus-visible/list:bg-accent-soft group-focus-visible/list:shadow-[inset_3px_0_0_var(--accent)]',
      )}
    >
      {cells}
    </div>
  )
})

function renderCells(
  row: TransactionRow,
  account: Account | undefined,
  category: Category | undefined,
): { readonly label: string; readonly cells: ReactNode } {
  const amount = flowText(row.amount, account?.currency ?? '')
  const title = row.payee !== null && row.payee !== '' ? row.payee : (category?.name ?? 'No payee')
  const categoryName = category?.name ?? 'No category'
  const accountName = account?.name ?? ''
  const isPending = row.status === 'pending'
  const label = [title, amount.text, categoryName, accountName, isPending ? 'pending' : '']
    .filter((part) => part !== '')
    .join(', ')
  const cells = (
    <>
      <span role="gridcell">
        <IconTile icon={category?.icon ?? null} colour={category?.colour ?? null} />
      </span>
      <span role="gridcell" className="min-w-0 grow">
        <span className="block truncate font-medium">{title}</span>
        <span className="block truncate text-sm text-ink-soft desk:hidden">
          {categoryName} · {accountName}
        </span>
        {row.note !== null && row.note !== '' && (
          <span className="hidden truncate text-sm text-ink-soft desk:block">{row.note}</span>
        )}
      </span>
      <span role="gridcell" className="hidden truncate text-ink-soft desk:block">
        {categoryName}
      </span>
      <span role="gridcell" className="hidden truncate text-ink-soft desk:block">
        {accountName}
      </span>
      <span role="gridcell" className="flex shrink-0 flex-col items-end">
        <Amount {...amount} tone="flow" />
        {isPending && (
          <span className="flex items-center gap-1 text-xs text-warning">
            <Clock className="size-3" aria-hidden />
            Pending
          </span>
        )}
      </span>
    </>
  )
  return { label, cells }
}

/** Stands for a row that is being read, at its exact place and size. */
export const SkeletonRow = memo(function SkeletonRow({
  rowIndex,
  topPx,
  heightPx,
}: Pick<ListRowProps, 'rowIndex' | 'topPx' | 'heightPx'>) {
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-busy
      aria-label="Loading"
      style={{ top: topPx, height: heightPx }}
      className={rowClass}
    >
      <span role="gridcell">
        <Skeleton className="size-10 rounded-md" />
      </span>
      <span role="gridcell" className="grow">
        <Skeleton className="h-3.5 w-36" />
        <Skeleton className="mt-2 h-3 w-24 desk:hidden" />
      </span>
      <span role="gridcell" className="hidden desk:block">
        <Skeleton className="h-3.5 w-24" />
      </span>
      <span role="gridcell" className="hidden desk:block">
        <Skeleton className="h-3.5 w-24" />
      </span>
      <span role="gridcell" className="flex justify-end">
        <Skeleton className="h-3.5 w-20" />
      </span>
    </div>
  )
})

/** Fills the first window while even the number of rows is not known yet. */
export function LoadingRows({ metrics }: { metrics: ListMetrics }) {
  return (
    <div
      role="grid"
      aria-label="Transactions"
      aria-busy
      className="relative"
      style={{ height: metrics.headerPx + loadingRows * metrics.rowPx }}
    >
      {Array.from({ length: loadingRows }, (_, index) => (
        <SkeletonRow
          key={index}
          rowIndex={index + 1}
          topPx={metrics.headerPx + index * metrics.rowPx}
          heightPx={metrics.rowPx}
        />
      ))}
    </div>
  )
}

const loadingRows = 10
