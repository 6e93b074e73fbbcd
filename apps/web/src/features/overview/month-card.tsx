import { addTotals, negateTotal, shareOfTotal, type Total } from '@sealbook/ledger'
import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react'
import { balanceText, deviceLocale, flowText } from '../../data/money.ts'
import { Amount } from '../../ui/amount.tsx'
import { TextLink } from '../../ui/button.tsx'
import { shortDayText } from '../../ui/dates.ts'
import { Skeleton } from '../../ui/progress.tsx'
import { Card } from '../../ui/surface.tsx'
import { CardHeading } from './card-heading.tsx'
import { netOf, type Flow, type MonthSpans } from './month.ts'

/** In, out and net of this month, each against the same days of the month before. */
export function MonthCard({
  title,
  currency,
  now,
  before,
  spans,
  isLoading,
}: {
  title: string
  currency: string
  now: Flow
  /** Null until the first sync has brought it. */
  before: Flow | null
  spans: MonthSpans
  isLoading: boolean
}) {
  const net = netOf(now)
  const locale = deviceLocale()
  const day = (text: string) => shortDayText(text, spans.first, locale)
  return (
    <Card>
      <CardHeading
        title={title}
        link={<TextLink href={`/transactions?month=${spans.month}`}>See the month</TextLink>}
      />
      {isLoading ? (
        <div className="h-38 tab:h-33">
          <Skeleton className="h-10 w-52" />
        </div>
      ) : (
        <div role="group" aria-label={`Totals of ${title}`}>
          <p className="text-sm text-ink-soft">Net</p>
          <Amount {...flowText(net, currency)} size="2xl" />
          <dl className="mt-4 grid grid-cols-2 gap-4">
            <Part
              name="In"
              minor={now.inMinor}
              before={before?.inMinor ?? null}
              currency={currency}
            />
            <Part
              name="Out"
              minor={negateTotal(now.outMinor)}
              before={before === null ? null : negateTotal(before.outMinor)}
              currency={currency}
            />
          </dl>
          <p className="mt-4 border-t border-line pt-3 text-sm text-ink-soft">
            {before === null ? (
              'Last month is still arriving.'
            ) : (
              <>
                {day(spans.previousFirst)} to {day(spans.previousLast)}: net{' '}
                <Amount {...flowText(netOf(before), currency)} size="sm" />
              </>
            )}
          </p>
        </div>
      )}
    </Card>
  )
}

function Part({
  name,
  minor,
  before,
  currency,
}: {
  name: string
  minor: Total
  before: Total | null
  currency: string
}) {
  return (
    <div>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>
        <Amount {...balanceText(minor, currency)} size="lg" />
        <Change minor={minor} before={before} />
      </dd>
    </div>
  )
}

/** Above this a percentage says nothing. */
const mostTold = 9.99

/** More or less than before, in words with an arrow; nothing when there is none last month with. */
function Change({ minor, before }: { minor: Total; before: Total | null }) {
  if (before === null) return <span className="block h-5" />
  if (before <= 0) return <span className="block h-5 text-sm text-ink-faint">none last month</span>
  const change = shareOfTotal(addTotals(minor, negateTotal(before)), before)
  const percent = Math.abs(change).toLocaleString(deviceLocale(), {
    style: 'percent',
    maximumFractionDigits: 0,
  })
  const Icon = change > 0.005 ? ArrowUpRight : change < -0.005 ? ArrowDownRight : Minus
  return (
    <span className="flex h-5 items-center gap-1 text-sm text-ink-soft">
      <Icon className="size-4 shrink-0" aria-hidden />
      {change > mostTold
        ? 'far more'
        : change > 0.005
          ? `${percent} more`
          : change < -0.005
            ? `${percent} less`
            : 'about the same'}
    </span>
  )
}
