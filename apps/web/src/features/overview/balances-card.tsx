import type { Balances } from '../../data/balances.ts'
import { balanceText } from '../../data/money.ts'
import type { Account } from '../../data/records.ts'
import { accountTypeLook } from '../../ui/account-types.ts'
import { Amount } from '../../ui/amount.tsx'
import { TextLink } from '../../ui/button.tsx'
import { CurrencyTotals } from '../../ui/currency-totals.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card } from '../../ui/surface.tsx'
import { CardHeading } from './card-heading.tsx'
import { QuietLink } from './quiet-link.tsx'

/** What is in each account, and in each currency together. */
export function BalancesCard({
  accounts,
  balances,
  totals,
  isComplete,
  isLoading,
}: {
  accounts: readonly Account[]
  balances: Balances
  totals: readonly { readonly currency: string; readonly total: bigint }[]
  /** False while a new device still receives its history: the sums grow until it is here. */
  isComplete: boolean
  isLoading: boolean
}) {
  return (
    <Card>
      <CardHeading title="Balances" link={<TextLink href="/accounts">Accounts</TextLink>} />
      {isLoading ? (
        <div className="h-40">
          <Skeleton className="h-9 w-44" />
        </div>
      ) : (
        <>
          <CurrencyTotals
            totals={totals.map(({ currency, total }) => ({
              currency,
              ...balanceText(total, currency),
            }))}
            isComplete={isComplete}
          />
          <ul aria-label="Balances by account" className="mt-3 divide-y divide-line">
            {accounts.map((account) => {
              const look = accountTypeLook(account.type)
              return (
                <li key={account.id} className="flex min-h-13 items-center gap-3">
                  <IconTile icon={look.icon} colour={look.colour} size="sm" />
                  <QuietLink href={`/transactions?account=${account.id}`}>{account.name}</QuietLink>
                  <Amount
                    className="ml-auto"
                    {...balanceText(balances.balanceOf(account), account.currency)}
                    tone="balance"
                  />
                </li>
              )
            })}
          </ul>
        </>
      )}
    </Card>
  )
}
