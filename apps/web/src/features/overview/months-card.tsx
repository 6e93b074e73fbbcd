import { useState } from 'react'
import { negateTotal, shareOfTotal } from '@sealbook/ledger'
import { balanceText, deviceLocale, flowText } from '../../data/money.ts'
import { Amount } from '../../ui/amount.tsx'
import { Button } from '../../ui/button.tsx'
import { monthText } from '../../ui/dates.ts'
import { Skeleton } from '../../ui/progress.tsx'
import { Card } from '../../ui/surface.tsx'
import { CardHeading } from './card-heading.tsx'
import { netOf, type MonthFlow } from './month.ts'
import { QuietLink } from './quiet-link.tsx'

/** Months that show before more are asked for. */
const firstMonths = 6

/** In, out and net of every month, newest first. The bars repeat what the text says. */
export function MonthsCard({
  currency,
  months,
  isLoading,
}: {
  currency: string
  months: readonly MonthFlow[]
  isLoading: boolean
}) {
  const [showsAll, setShowsAll] = useState(false)
  const sizes = months.flatMap((flow) => [Number(flow.inMinor), -Number(flow.outMinor)])
  const largest = Math.max(1, ...sizes)
  const shown = showsAll ? months : months.slice(0, firstMonths)
  return (
    <Card>
      <CardHeading title="Month by month" />
      {isLoading ? (
        <div className="h-64">
          <Skeleton className="h-10 w-full" />
        </div>
      ) : (
        <ul aria-label="Every month" className="flex flex-col gap-4">
          {shown.map((flow) => (
            <Month key={flow.month} flow={flow} currency={currency} largest={largest} />
          ))}
        </ul>
      )}
      {!isLoading && months.length > firstMonths && (
        <div className="mt-4">
          <Button onPress={() => setShowsAll(!showsAll)}>
            {showsAll ? 'Show fewer' : `Show all ${months.length} months`}
          </Button>
        </div>
      )}
    </Card>
  )
}

function Month({
  flow,
  currency,
  largest,
}: {
  flow: MonthFlow
  currency: string
  largest: number
}) {
  const { month, inMinor, outMinor } = flow
  return (
    <li>
      <div className="flex items-baseline justify-between gap-3">
        <QuietLink href={`/transactions?month=${month}`}>
          {monthText(month, deviceLocale())}
        </QuietLink>
        <Amount {...flowText(netOf(flow), currency)} size="sm" />
      </div>
      <div aria-hidden className="mt-1.5 grid gap-1">
        <Bar hue="moss" share={shareOfTotal(inMinor, largest)} />
        <Bar hue="stone" share={shareOfTotal(negateTotal(outMinor), largest)} />
      </div>
      <p className="mt-1.5 flex flex-wrap gap-x-4 text-sm text-ink-soft">
        <span>
          In <Amount {...balanceText(inMinor, currency)} size="sm" />
        </span>
        <span>
          Out <Amount {...balanceText(negateTotal(outMinor), currency)} size="sm" />
        </span>
      </p>
    </li>
  )
}

function Bar({ hue, share }: { hue: string; share: number }) {
  return (
    <div className="h-1.5 rounded-full bg-sunken">
      <div
        data-hue={hue}
        className="tile-dot h-full rounded-full"
        style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }}
      />
    </div>
  )
}
