import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installDayTotals } from '../../data/day-totals.ts'
import type { Query } from '../../data/query.ts'
import { writeRows } from '../../data/rows.ts'
import { noCategory, noFilters } from './filters.ts'
import { layoutQuery, payeesQuery, rowsByIdQuery, rowsQuery } from './queries.ts'
import { openTestDatabase } from '../../data/testing.ts'

const workspace = '00000000-0000-4000-8000-000000000001'
const account = '00000000-0000-4000-8000-000000000101'
const category = '00000000-0000-4000-8000-000000000201'
const span = { fromDay: '2026-01-01', toDay: '2026-01-31', limit: 100, offset: 0 }

describe('queries of the list', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
    const written = await writeRows(
      db,
      'transactions',
      Array.from({ length: 60 }, (_, n) => ({
        workspace_id: workspace,
        account_id: account,
        category_id: n % 3 === 0 ? category : null,
        kind: 'expense' as const,
        occurred_on: `2026-01-${String((n % 20) + 1).padStart(2, '0')}`,
        status: 'cleared' as const,
        amount: BigInt(-n),
        payee: `Payee ${n % 5}`,
      })),
    )
    expect(written.ok).toBe(true)
  })
  afterAll(async () => {
    await db.close()
  })

  const plan = async ({ sql, parameters }: Query) => {
    const steps = await db.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, [...parameters])
    return steps.map((step) => step.detail).join('\n')
  }

  it.each([
    ['rows', rowsQuery(workspace, noFilters, span), 'by_day'],
    [
      'rows of an account',
      rowsQuery(workspace, { ...noFilters, accountId: account }, span),
      'by_account',
    ],
    [
      'rows of a category',
      rowsQuery(workspace, { ...noFilters, categoryId: category }, span),
      'by_category',
    ],
    [
      'rows without category',
      rowsQuery(workspace, { ...noFilters, categoryId: noCategory }, span),
      'by_category',
    ],
    [
      'rows of an account and category',
      rowsQuery(workspace, { accountId: account, categoryId: category, month: null }, span),
      'by_category',
    ],
    ['layout', layoutQuery(workspace, noFilters, 'one'), 'day_totals_place'],
    ['layout by account', layoutQuery(workspace, noFilters, 'several'), 'day_totals_place'],
    [
      'layout of an account',
      layoutQuery(workspace, { ...noFilters, accountId: account }, 'one'),
      'day_totals_place',
    ],
    [
      'layout of a category',
      layoutQuery(workspace, { ...noFilters, categoryId: category, month: '2026-01' }, 'one'),
      'by_category',
    ],
    ['rows by id', rowsByIdQuery(['a', 'b']), 'sqlite_autoindex_ps_data_local__transactions_1'],
    ['payees', payeesQuery(workspace), 'by_day'],
  ])('%s uses the right index, and no full scan', async (_name, query, index) => {
    const steps = await plan(query)
    expect(steps).toContain(index)
    expect(steps).not.toMatch(/SCAN (ps_data|day_totals|transactions)/)
  })

  it('reads rows newest first, by pages', async () => {
    const read = async (offset: number) => {
      const { sql, parameters } = rowsQuery(workspace, noFilters, { ...span, limit: 30, offset })
      return db.getAll<{ id: string; occurred_on: string }>(sql, [...parameters])
    }
    const rows = [...(await read(0)), ...(await read(30))]
    expect(new Set(rows.map((row) => row.id)).size).toBe(60)
    const days = rows.map((row) => row.occurred_on)
    expect(days).toEqual([...days].sort().reverse())
  })

  it('suggests each payee once, with its last category and number of uses', async () => {
    const { sql, parameters } = payeesQuery(workspace)
    const rows = await db.getAll<{ payee: string; uses: number }>(sql, [...parameters])
    expect(rows.map((row) => row.payee).sort()).toEqual([0, 1, 2, 3, 4].map((n) => `Payee ${n}`))
    expect(rows.map((row) => row.uses)).toEqual([12, 12, 12, 12, 12])
  })
})
