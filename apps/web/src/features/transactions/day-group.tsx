import type { ReactNode } from 'react'
import { flowText } from '../../data/money.ts'
import { Amount } from '../../ui/amount.tsx'
import type { ListDay, ListMetrics } from './layout.ts'

/** A day at its place in the list. Its header sticks under the month bar while its rows pass. */
export function DayGroup({
  day,
  metrics,
  topPx,
  text,
  children,
}: {
  day: ListDay | undefined
  metrics: ListMetrics
  topPx: number
  text: string
  children: ReactNode
}) {
  if (day === undefined) return null
  return (
    <div
      role="rowgroup"
      aria-label={text}
      style={{ top: topPx, height: metrics.headerPx + day.count * metrics.rowPx }}
      className="absolute inset-x-0 border-b border-line last:border-b-0"
    >
      <div
        role="presentation"
        style={{ height: metrics.headerPx }}
        className="sticky top-[calc(9rem+var(--safe-top))] z-1 flex items-center justify-between gap-4 border-b border-line bg-sunken px-4 text-sm font-semibold text-ink-soft tab:px-5 desk:top-16"
      >
        <span className="truncate">{text}</span>
        <span className="flex shrink-0 gap-3">
          {day.sums.map((sum) => (
            <Amount
              key={sum.currency}
              {...flowText(sum.inMinor + sum.outMinor, sum.currency)}
              size="sm"
            />
          ))}
        </span>
      </div>
      {children}
    </div>
  )
}
