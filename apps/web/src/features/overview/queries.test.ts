import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountFlowsQuery } from '../../data/balances.ts'
import { installDayTotals } from '../../data/day-totals.ts'
import { accountsQuery, categoriesQuery, settingsQuery } from '../../data/records.ts'
import { flowsQuery, monthFlowsQuery, recentQuery, spendingQuery } from './queries.ts'
import { openTestDatabase } from '../../data/testing.ts'

const workspace = '00000000-0000-4000-8000-000000000001'

describe('queries of the overview', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
  })
  afterAll(async () => {
    await db.close()
  })

  it.each([
    ['accounts', accountsQuery(workspace), 'by_workspace'],
    ['categories', categoriesQuery(workspace), 'by_workspace'],
    ['settings', settingsQuery(workspace), 'sqlite_autoindex'],
    ['balances', accountFlowsQuery(workspace), 'day_totals_place'],
    ['month', flowsQuery(workspace, '2026-01-01', '2026-01-31'), 'day_totals_place'],
    ['every month', monthFlowsQuery(workspace), 'day_totals_place'],
    ['spending', spendingQuery(workspace, '2026-01-01', '2026-01-31'), 'by_day'],
    ['recent', recentQuery(workspace, 7), 'by_day'],
  ])('%s uses the right index, and no full scan', async (_name, { sql, parameters }, index) => {
    const plan = await db.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, [...parameters])
    const steps = plan.map((step) => step.detail).join('\n')
    expect(steps).toContain(index)
    expect(steps).not.toMatch(/SCAN (ps_data|day_totals)/)
  })
})
