import { shareOfTotal } from '@sealbook/ledger'
import { balanceText, deviceLocale } from '../../data/money.ts'
import type { Category, Records } from '../../data/records.ts'
import { Amount } from '../../ui/amount.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card } from '../../ui/surface.tsx'
import { CardHeading } from './card-heading.tsx'
import { QuietLink } from './quiet-link.tsx'
import type { Spending } from './month.ts'

/** What the month went on. The bars repeat what the text says, so they are hidden from readers. */
export function SpendingCard({
  month,
  currency,
  entries,
  categories,
  isLoading,
}: {
  month: string
  currency: string
  entries: readonly Spending[]
  categories: Records<Category>
  isLoading: boolean
}) {
  const largest = entries[0]?.amountMinor ?? 1
  return (
    <Card>
      <CardHeading title="Spent on" />
      {isLoading ? (
        <div className="h-64">
          <Skeleton className="h-10 w-full" />
        </div>
      ) : entries.length === 0 ? (
        <p className="py-6 text-ink-soft">Nothing spent this month.</p>
      ) : (
        <ul aria-label="Top spending categories" className="flex flex-col gap-4">
          {entries.map((entry) => {
            const category =
              entry.categoryId === null ? undefined : categories.byId.get(entry.categoryId)
            const name = entry.isRest ? 'Everything else' : (category?.name ?? 'No category')
            return (
              <li key={entry.categoryId ?? name} className="flex items-center gap-3">
                <IconTile icon={category?.icon ?? null} colour={category?.colour ?? null} />
                <div className="min-w-0 grow">
                  <div className="flex items-baseline justify-between gap-3">
                    {entry.isRest ? (
                      <span className="truncate">{name}</span>
                    ) : (
                      <QuietLink
                        href={`/transactions?month=${month}&category=${entry.categoryId ?? 'none'}`}
                      >
                        {name}
                      </QuietLink>
                    )}
                    <span className="flex shrink-0 items-baseline gap-2.5">
                      <Amount {...balanceText(entry.amountMinor, currency)} size="sm" />
                      <span className="w-9 text-right text-sm text-ink-soft tabular-nums">
                        {percentText(entry.share)}
                      </span>
                    </span>
                  </div>
                  <div aria-hidden className="mt-1.5 h-1.5 rounded-full bg-sunken">
                    <div
                      data-hue={category?.colour ?? 'stone'}
                      className="tile-dot h-full min-w-1.5 rounded-full"
                      style={{
                        width: `${Math.min(100, shareOfTotal(entry.amountMinor, largest) * 100)}%`,
                      }}
                    />
                  </div>
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}

function percentText(share: number): string {
  return share.toLocaleString(deviceLocale(), { style: 'percent', maximumFractionDigits: 0 })
}
