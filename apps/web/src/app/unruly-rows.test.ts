import type { PowerSyncDatabase } from '@powersync/node'
import { addTotals } from '@sealbook/ledger'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readTotal } from '../data/amount-sql.ts'
import { accountFlowsQuery } from '../data/balances.ts'
import { installDayTotals } from '../data/day-totals.ts'
import { amountInputText, flowText } from '../data/money.ts'
import type { Query } from '../data/query.ts'
import { accountsQuery, categoriesQuery, settingsQuery } from '../data/records.ts'
import { writeRows } from '../data/rows.ts'
import { handleStaleTransactions, installStaleTransactions } from '../data/stale-transactions.ts'
import {
  flowsQuery,
  monthFlowsQuery,
  recentQuery,
  spendingQuery,
  type FlowRow,
  type SpendingRow,
} from '../features/overview/queries.ts'
import { toListDays } from '../features/transactions/days.ts'
import { draftOf } from '../features/transactions/draft.ts'
import { noFilters } from '../features/transactions/filters.ts'
import {
  layoutQuery,
  payeesQuery,
  rowsQuery,
  type DayFlowRow,
  type TransactionRow,
} from '../features/transactions/queries.ts'
import { dayText, monthText, shortDayText } from '../ui/dates.ts'
import { openTestDatabase } from '../data/testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const accountId = '00000000-0000-4000-8000-0000000000a1'
const categoryId = '00000000-0000-4000-8000-0000000000b1'
const day = '2026-02-28'
const most = 2n ** 63n - 1n

/** What a faulty device may seal into each column, several at once. */
const faulty: readonly Readonly<Record<string, string | null>>[] = [
  ...[most, most, -most - 1n, 2n ** 53n, -(2n ** 53n), null].map((amount) => ({
    amount: amount === null ? null : String(amount),
  })),
  { amount: 'twelve' },
  { kind: 'gift', status: 'lost' },
  ...['9999-99-99', '2026-02-30', '2026-00-00', '2026-13-01', '', 'tomorrow'].map(
    (occurred_on) => ({
      occurred_on,
    }),
  ),
  { payee: null, note: null },
  { payee: 'x'.repeat(1_000_000), note: '\u0000\ud800' },
  { account_id: 'nowhere', category_id: '' },
  { original_amount: String(most), original_currency: '€', original_rate: '-0' },
]

const queries: Readonly<Record<string, Query>> = {
  accounts: accountsQuery(workspaceId),
  categories: categoriesQuery(workspaceId),
  settings: settingsQuery(workspaceId),
  balances: accountFlowsQuery(workspaceId),
  month: flowsQuery(workspaceId, '2026-02-01', '2026-02-31'),
  months: monthFlowsQuery(workspaceId),
  spending: spendingQuery(workspaceId, '2026-02-01', '2026-02-31'),
  recent: recentQuery(workspaceId, 50),
  layout: layoutQuery(workspaceId, noFilters, 'one'),
  'layout of several currencies': layoutQuery(workspaceId, noFilters, 'several'),
  'layout of an account': layoutQuery(workspaceId, { ...noFilters, accountId }, 'several'),
  'layout of a category': layoutQuery(workspaceId, { ...noFilters, categoryId }, 'one'),
  payees: payeesQuery(workspaceId),
}

describe('rows that a faulty device wrote', () => {
  let db: PowerSyncDatabase
  let soundTotals: Awaited<ReturnType<typeof totals>>

  beforeAll(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
    await installStaleTransactions(db)
    const sound = {
      workspace_id: workspaceId,
      account_id: accountId,
      category_id: categoryId,
      occurred_on: day,
      status: 'cleared',
    } as const
    const written = await writeRows(db, 'transactions', [
      { ...sound, kind: 'income', amount: 5_000n },
      { ...sound, kind: 'expense', amount: -1_234n },
    ])
    expect(written.ok).toBe(true)
    soundTotals = await totals()
    for (const cells of faulty)
      await insertFaulty({ ...sound, kind: 'expense', amount: '0', ...cells })
    await insertFaulty({ ...sound, kind: 'income', amount: String(most) })
    await db.execute(
      `INSERT INTO accounts (id, workspace_id, type, currency, sort_order, opening_balance, archived_at)
        VALUES (uuid(), ?, 'vault', '€', 9223372036854775807, -9223372036854775808, -1)`,
      [workspaceId],
    )
  })

  afterAll(async () => {
    await db.close()
  })

  it.each(Object.keys(queries))('can be read by the query of %s', async (name) => {
    const { sql, parameters } = queries[name]!
    await expect(db.getAll(sql, [...parameters])).resolves.toBeInstanceOf(Array)
  })

  it('leave the sums of the others as they were', async () => {
    expect(soundTotals).toEqual({ income: 5_000, expense: -1_234, flow: 3_766 })
    expect(await totals()).toEqual(soundTotals)
    const spending = queries['spending']!
    const spent = await db.getAll<SpendingRow>(spending.sql, [...spending.parameters])
    const own = spent.find(({ category_id: id }) => id === categoryId)
    expect(own && readTotal(own, 'amount')).toBe(-1_234)
  })

  it('can be shown and edited', async () => {
    vi.stubGlobal('navigator', { language: 'en' })
    const { sql, parameters } = rowsQuery(workspaceId, noFilters, {
      fromDay: '0000-01-01',
      toDay: '9999-12-31',
      limit: 100,
      offset: 0,
    })
    const rows = await db.getAll<TransactionRow>(sql, [...parameters])
    expect(rows.length).toBeGreaterThan(faulty.length - 4)
    const unreadable = rows.filter(({ amount }) => amount === null)
    expect(unreadable).toHaveLength(7)
    for (const row of rows) {
      for (const currency of ['EUR', '€', '']) {
        expect(flowText(row.amount, currency).text).not.toBe('')
        const draft = draftOf(row, (amount) => amountInputText(amount, currency))
        expect(['expense', 'income']).toContain(draft.kind)
        expect(draft.amountText === '').toBe(row.amount === null || currency !== 'EUR')
      }
      for (const text of [dayText, shortDayText]) {
        expect(() => text(row.occurred_on, day, 'en')).not.toThrow()
      }
      expect(() => monthText(row.occurred_on.slice(0, 7), 'en')).not.toThrow()
    }
    expect(flowText(null, 'EUR').text).toBe('…')
    vi.unstubAllGlobals()
  })

  it('are laid out with the days that they have', async () => {
    const { sql, parameters } = queries['layout']!
    const days = toListDays(await db.getAll<DayFlowRow>(sql, [...parameters]), () => 'EUR')
    const own = days.find((one) => one.day === day)
    expect(own?.sums).toEqual([{ currency: 'EUR', inMinor: 5_000, outMinor: -1_234 }])
    expect(days.map((one) => one.day)).toContain('2026-02-30')
  })

  it('come into the search index', async () => {
    expect(await handleStaleTransactions(db, 100)).toBe(faulty.length + 3)
  })

  async function insertFaulty(cells: Readonly<Record<string, string | null>>): Promise<void> {
    const names = Object.keys(cells)
    await db.execute(
      `INSERT INTO transactions (id, created_at, updated_at, ${names.join(', ')})
        VALUES (uuid(), 1, 1, ${names.map((name) => (name.endsWith('amount') ? 'CAST(? AS INTEGER)' : '?')).join(', ')})`,
      Object.values(cells),
    )
  }

  async function totals() {
    const read = async <Row>(name: string) => {
      const { sql, parameters } = queries[name]!
      return db.getAll<Row & { account_id: string }>(sql, [...parameters])
    }
    const own = ({ account_id: id }: { account_id: string }) => id === accountId
    const [month, balance] = [
      (await read<FlowRow>('month')).find(own),
      (await read<FlowRow>('balances')).find(own),
    ]
    if (month === undefined || balance === undefined) return null
    return {
      income: readTotal(month, 'income'),
      expense: readTotal(month, 'expense'),
      flow: addTotals(readTotal(balance, 'income'), readTotal(balance, 'expense')),
    }
  }
})
