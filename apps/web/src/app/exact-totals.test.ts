import { randomUUID } from 'node:crypto'
import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readTotal } from '../data/amount-sql.ts'
import { accountFlowsQuery } from '../data/balances.ts'
import { installDayTotals } from '../data/day-totals.ts'
import { balanceText } from '../data/money.ts'
import { writeRows } from '../data/rows.ts'
import { openTestDatabase } from '../data/testing.ts'
import { flowIn, netOf } from '../features/overview/month.ts'
import {
  flowsQuery,
  monthFlowsQuery,
  spendingQuery,
  type FlowRow,
  type SpendingRow,
} from '../features/overview/queries.ts'
import { noFilters } from '../features/transactions/filters.ts'
import { layoutQuery } from '../features/transactions/queries.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const largest = BigInt(Number.MAX_SAFE_INTEGER)
const exact = -3n * largest - 1n

describe('totals beyond what a number holds', () => {
  const [account, category] = [randomUUID(), randomUUID()]
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
    const sizes = [largest, largest, largest, 2n, -1n]
    const rows = sizes.map((size) => ({
      workspace_id: workspaceId,
      account_id: account,
      category_id: category,
      kind: 'expense' as const,
      status: 'cleared' as const,
      occurred_on: '2026-01-05',
      amount: -size,
      payee: '',
      note: '',
    }))
    expect((await writeRows(db, 'transactions', rows)).ok).toBe(true)
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await db.close()
  })

  const month = ['2026-01-01', '2026-01-31'] as const
  it.each([
    ['balances', accountFlowsQuery(workspaceId)],
    ['the month', flowsQuery(workspaceId, ...month)],
    ['every month', monthFlowsQuery(workspaceId)],
    ['days of one currency', layoutQuery(workspaceId, noFilters, 'one')],
    ['days and accounts', layoutQuery(workspaceId, noFilters, 'several')],
    ['a category', layoutQuery(workspaceId, { ...noFilters, categoryId: category }, 'several')],
  ])('are exact in %s', async (_name, { sql, parameters }) => {
    const row = await db.get<FlowRow>(sql, [...parameters])
    expect(readTotal(row, 'expense')).toBe(exact)
    expect(readTotal(row, 'income')).toBe(0)
  })

  it('are exact in what was spent on', async () => {
    const { sql, parameters } = spendingQuery(workspaceId, ...month)
    expect(readTotal(await db.get<SpendingRow>(sql, [...parameters]), 'amount')).toBe(exact)
  })

  it('are shown to the last cent', async () => {
    vi.stubGlobal('navigator', { language: 'en' })
    const { sql, parameters } = flowsQuery(workspaceId, ...month)
    const flow = flowIn(await db.getAll<FlowRow>(sql, [...parameters]), 'EUR', () => 'EUR')
    expect(balanceText(netOf(flow), 'EUR').text).toBe('\u2212€270,215,977,642,229.74')
  })
})
