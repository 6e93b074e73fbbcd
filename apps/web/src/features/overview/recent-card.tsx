import { deviceLocale, flowText } from '../../data/money.ts'
import type { Account, Category, Records } from '../../data/records.ts'
import { Amount } from '../../ui/amount.tsx'
import { TextLink } from '../../ui/button.tsx'
import { shortDayText } from '../../ui/dates.ts'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card } from '../../ui/surface.tsx'
import { CardHeading } from './card-heading.tsx'
import type { RecentRow } from './queries.ts'

/** What came last. */
export function RecentCard({
  rows,
  accounts,
  categories,
  today,
  isLoading,
}: {
  rows: readonly RecentRow[]
  accounts: Records<Account>
  categories: Records<Category>
  today: string
  isLoading: boolean
}) {
  const locale = deviceLocale()
  return (
    <Card>
      <CardHeading
        title="Recent transactions"
        link={<TextLink href="/transactions">See all</TextLink>}
      />
      {isLoading ? (
        <div className="h-72">
          <Skeleton className="h-9 w-full" />
        </div>
      ) : (
        <ul aria-label="Recent transactions" className="-my-1 divide-y divide-line">
          {rows.map((row) => {
            const category =
              row.category_id === null ? undefined : categories.byId.get(row.category_id)
            const account = accounts.byId.get(row.account_id)
            const payee = row.payee === null || row.payee === '' ? category?.name : row.payee
            return (
              <li key={row.id} className="flex min-h-15 items-center gap-3">
                <IconTile icon={category?.icon ?? null} colour={category?.colour ?? null} />
                <div className="min-w-0 grow">
                  <p className="truncate font-medium">{payee ?? 'No payee'}</p>
                  <p className="truncate text-sm text-ink-soft">
                    {shortDayText(row.occurred_on, today, locale)}
                    {row.status === 'pending' ? ' · Pending' : ''}
                    {account === undefined ? '' : ` · ${account.name}`}
                  </p>
                </div>
                <Amount {...flowText(row.amount, account?.currency ?? '')} tone="flow" />
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
