import { useState } from 'react'
import { dayOf } from '@sealbook/ledger'
import { ReceiptText, Wallet } from 'lucide-react'
import { totalsByCurrency, useBalances } from '../../data/balances.ts'
import { useLiveQuery } from '../../data/live-query.ts'
import { deviceLocale } from '../../data/money.ts'
import { hasArrived, useAccounts, useCategories, useWorkspaceSettings } from '../../data/records.ts'
import { useSyncState, useWorkspaceId } from '../../data/session-context.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { useRunCommand } from '../../ui/commands.tsx'
import { monthText } from '../../ui/dates.ts'
import { Page, PageHeader } from '../../ui/page.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Card, EmptyState } from '../../ui/surface.tsx'
import { BalancesCard } from './balances-card.tsx'
import { flowIn, flowsByMonth, monthSpans, topSpending } from './month.ts'
import { MonthCard } from './month-card.tsx'
import { MonthsCard } from './months-card.tsx'
import {
  flowsQuery,
  monthFlowsQuery,
  recentQuery,
  spendingQuery,
  type FlowRow,
  type MonthFlowRow,
  type RecentRow,
  type SpendingRow,
} from './queries.ts'
import { RecentCard } from './recent-card.tsx'
import { SpendingCard } from './spending-card.tsx'

const recentRows = 7
const topCategories = 6

/** Where things stand: this month, what is where, what was spent on, and what came last. */
export function OverviewScreen() {
  const accounts = useAccounts()
  const categories = useCategories()
  const balances = useBalances()
  const settings = useWorkspaceSettings()
  const { hasSynced } = useSyncState()
  const workspaceId = useWorkspaceId()
  const run = useRunCommand()
  const today = dayOf(new Date())
  const spans = monthSpans(today)
  const now = useRows<FlowRow>(flowsQuery(workspaceId, spans.first, spans.last))
  const before = useRows<FlowRow>(flowsQuery(workspaceId, spans.previousFirst, spans.previousLast))
  const spending = useRows<SpendingRow>(spendingQuery(workspaceId, spans.first, spans.last))
  const months = useRows<MonthFlowRow>(monthFlowsQuery(workspaceId))
  const recent = useRows<RecentRow>(recentQuery(workspaceId, recentRows))
  const [chosenCurrency, setCurrency] = useState<string | null>(null)

  const open = accounts.list.filter((account) => account.archivedAt === null)
  const totals = totalsByCurrency(open, balances.balanceOf)
  const currencies = totals.map(({ currency }) => currency)
  const usual = settings?.currency ?? ''
  const currency = chosenCurrency ?? (currencies.includes(usual) ? usual : (currencies[0] ?? usual))
  const currencyOf = (id: string) => accounts.byId.get(id)?.currency ?? ''
  const isHere = hasArrived(accounts, settings)
  const isLoading =
    !isHere || [accounts, balances, now, before, spending, recent].some((part) => part.isLoading)

  if (isHere && !accounts.isLoading && accounts.list.length === 0) {
    return (
      <Page width="wide">
        <PageHeader title="Overview" />
        <Card>
          <EmptyState
            icon={<Wallet aria-hidden />}
            title="Begin with an account"
            action={
              <LinkButton variant="primary" href="/accounts">
                Go to accounts
              </LinkButton>
            }
          >
            Add where your money is, with what is in it today. Everything else follows from that.
          </EmptyState>
        </Card>
      </Page>
    )
  }
  const balancesCard = (
    <BalancesCard
      accounts={open}
      balances={balances}
      totals={totals}
      isComplete={hasSynced}
      isLoading={isLoading}
    />
  )
  return (
    <Page width="wide">
      <PageHeader
        title="Overview"
        actions={
          currencies.length > 1 && (
            <Segmented
              label="Currency"
              options={currencies.slice(0, 4).map((id) => ({ id, label: id }))}
              value={currency}
              onChange={setCurrency}
            />
          )
        }
      />
      {!isLoading && recent.data.length === 0 ? (
        <div className="grid grid-cols-1 gap-5 desk:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Card>
            <EmptyState
              icon={<ReceiptText aria-hidden />}
              title="No transactions yet"
              action={
                <Button variant="primary" onPress={() => run('new-transaction')}>
                  Add your first transaction
                </Button>
              }
            >
              Once there are some, this month and what it went on show here.
            </EmptyState>
          </Card>
          {balancesCard}
        </div>
      ) : (
        <div className="grid grid-cols-1 items-start gap-5 desk:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="grid grid-cols-1 gap-5">
            <MonthCard
              title={monthText(spans.month, deviceLocale())}
              currency={currency}
              now={flowIn(now.data, currency, currencyOf)}
              before={hasSynced ? flowIn(before.data, currency, currencyOf) : null}
              spans={spans}
              isLoading={isLoading}
            />
            <SpendingCard
              month={spans.month}
              currency={currency}
              entries={topSpending(spending.data, currency, currencyOf, topCategories)}
              categories={categories}
              isLoading={isLoading}
            />
          </div>
          <div className="grid grid-cols-1 gap-5">
            {balancesCard}
            <RecentCard
              rows={recent.data}
              accounts={accounts}
              categories={categories}
              today={today}
              isLoading={isLoading}
            />
            <MonthsCard
              currency={currency}
              months={flowsByMonth(months.data, currency, currencyOf)}
              isLoading={isLoading || months.isLoading}
            />
          </div>
        </div>
      )}
    </Page>
  )
}

function useRows<Row>({ sql, parameters }: ReturnType<typeof recentQuery>) {
  return useLiveQuery<Row>(sql, parameters)
}
