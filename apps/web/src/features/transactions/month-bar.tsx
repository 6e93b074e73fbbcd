import { memo, type RefObject } from 'react'
import { negateTotal } from '@sealbook/ledger'
import { CalendarCheck2, CalendarX2, ChevronLeft, ChevronRight } from 'lucide-react'
import { balanceText, deviceLocale, flowText } from '../../data/money.ts'
import { Amount } from '../../ui/amount.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { monthText } from '../../ui/dates.ts'
import { Skeleton } from '../../ui/progress.tsx'
import { netOf } from './days.ts'
import type { DaySum } from './layout.ts'

export interface MonthBarProps {
  readonly barRef: RefObject<HTMLDivElement | null>
  /** The month filtered for or, without such a filter, the one in sight. */
  readonly month: string
  readonly isOnlyMonth: boolean
  /** Of the month, under all filters; null while loading. */
  readonly sums: readonly DaySum[] | null
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  readonly onStep: (by: -1 | 1) => void
  readonly onToggleOnly: () => void
}

/** Says which month is in sight and what it comes to. Sticks to the top while the list scrolls. */
export function MonthBar({
  barRef,
  month,
  isOnlyMonth,
  sums,
  hasOlder,
  hasNewer,
  onStep,
  onToggleOnly,
}: MonthBarProps) {
  const text = monthText(month, deviceLocale())
  return (
    <div
      ref={barRef}
      className="sticky top-[calc(3.5rem+var(--safe-top))] z-2 flex h-22 flex-col justify-center gap-0.5 border-b border-line bg-surface px-2 tab:px-3 desk:top-0 desk:h-16 desk:flex-row desk:items-center desk:justify-start desk:gap-2"
    >
      <MonthControls
        text={text}
        isOnlyMonth={isOnlyMonth}
        hasOlder={hasOlder}
        hasNewer={hasNewer}
        onStep={onStep}
        onToggleOnly={onToggleOnly}
      />
      <div
        role="group"
        aria-label={`Totals of ${text}`}
        className="flex min-w-0 items-baseline justify-between gap-4 px-2.5 pb-1 desk:ml-auto desk:justify-end desk:gap-6 desk:pb-0"
      >
        <MonthTotals sums={sums} />
      </div>
    </div>
  )
}

/** Apart, so that new sums do not render them again. */
const MonthControls = memo(function MonthControls({
  text,
  isOnlyMonth,
  hasOlder,
  hasNewer,
  onStep,
  onToggleOnly,
}: Omit<MonthBarProps, 'barRef' | 'month' | 'sums'> & { readonly text: string }) {
  return (
    <div className="flex min-w-0 items-center">
      <IconButton
        label="Previous month"
        icon={<ChevronLeft className="size-5" aria-hidden />}
        isDisabled={!hasOlder}
        onPress={() => onStep(-1)}
      />
      <h2 className="min-w-0 grow truncate text-center font-semibold desk:w-40" aria-live="polite">
        {text}
      </h2>
      <IconButton
        label="Next month"
        icon={<ChevronRight className="size-5" aria-hidden />}
        isDisabled={!hasNewer}
        onPress={() => onStep(1)}
      />
      <Button
        variant="ghost"
        size="sm"
        icon={
          isOnlyMonth ? (
            <CalendarX2 className="size-4.5" aria-hidden />
          ) : (
            <CalendarCheck2 className="size-4.5" aria-hidden />
          )
        }
        onPress={onToggleOnly}
        className="ml-1"
      >
        <span className="sr-only tab:not-sr-only">
          {isOnlyMonth ? 'Show all months' : 'Only this month'}
        </span>
      </Button>
    </div>
  )
})

/** One currency in full; with several, the net of each, since a bar of fixed height holds no table. */
function MonthTotals({ sums }: { sums: readonly DaySum[] | null }) {
  if (sums === null) return <Skeleton className="h-4 w-full desk:w-72" />
  const [only, ...others] = sums
  if (only === undefined)
    return <span className="text-sm text-ink-soft">Nothing in this month</span>
  if (others.length > 0) {
    return sums.map((sum) => (
      <Total
        key={sum.currency}
        name={`Net ${sum.currency}`}
        isMain
        {...flowText(netOf(sum), sum.currency)}
      />
    ))
  }
  const totals = [
    { name: 'In', isMain: false, ...balanceText(only.inMinor, only.currency) },
    { name: 'Out', isMain: false, ...balanceText(negateTotal(only.outMinor), only.currency) },
    { name: 'Net', isMain: true, ...flowText(netOf(only), only.currency) },
  ]
  const isLong = totals.reduce((sum, { text }) => sum + text.length, 0) > phoneCharacters
  return totals.map((total) => (
    <Total
      key={total.name}
      {...total}
      className={!isLong ? 'flex' : total.isMain ? 'flex items-start!' : 'hidden desk:flex'}
    />
  ))
}

/** Three totals with more characters than this do not fit a phone; the net alone does. */
const phoneCharacters = 36

function Total({
  name,
  text,
  sign,
  isMain = false,
  className = 'flex',
}: {
  name: string
  text: string
  sign: -1 | 0 | 1
  isMain?: boolean
  className?: string
}) {
  return (
    <span
      className={cx(
        className,
        'min-w-0 flex-col items-baseline not-first:last:items-end desk:flex-row desk:gap-1.5',
      )}
    >
      <span className="text-xs text-ink-faint desk:text-sm">{name}</span>
      <Amount text={text} sign={sign} size="sm" className={cx(isMain && 'font-semibold')} />
    </span>
  )
}
