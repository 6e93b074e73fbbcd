import { memo, useMemo, type ReactNode } from 'react'
import { deviceLocale, flowText } from '../../data/money.ts'
import { Amount } from '../../ui/amount.tsx'
import { dayText } from '../../ui/dates.ts'
import { netOf } from './days.ts'
import type { ListDay, ListMetrics } from './layout.ts'

/** A day at its place in the list. Its header sticks under the month bar while its rows pass. */
export function DayGroup({
  day,
  metrics,
  topPx,
  today,
  children,
}: {
  day: ListDay
  metrics: ListMetrics
  topPx: number
  today: string
  children: ReactNode
}) {
  const text = useMemo(() => dayText(day.day, today, deviceLocale()), [day.day, today])
  return (
    <div
      role="rowgroup"
      aria-label={text}
      style={{ top: topPx, height: metrics.headerPx + day.count * metrics.rowPx }}
      className="absolute inset-x-0 border-b border-line last:border-b-0"
    >
      <DayHeader day={day} text={text} heightPx={metrics.headerPx} />
      {children}
    </div>
  )
}

const DayHeader = memo(function DayHeader({
  day,
  text,
  heightPx,
}: {
  day: ListDay
  text: string
  heightPx: number
}) {
  return (
    <div
      role="presentation"
      style={{ height: heightPx }}
      className="sticky top-[calc(9rem+var(--safe-top))] z-1 flex items-center justify-between gap-4 border-b border-line bg-sunken px-4 text-sm font-semibold text-ink-soft tab:px-5 desk:top-16"
    >
      <span className="truncate">{text}</span>
      <span className="flex shrink-0 gap-3">
        {day.sums.map((sum) => (
          <Amount key={sum.currency} {...flowText(netOf(sum), sum.currency)} size="sm" />
        ))}
      </span>
    </div>
  )
})
