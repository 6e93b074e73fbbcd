import type { PowerSyncDatabase } from '@powersync/node'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installDayTotals } from '../../data/day-totals.ts'
import type { Query } from '../../data/query.ts'
import { takeRow, updateRow, writeRows } from '../../data/rows.ts'
import { handleStaleTransactions, installStaleTransactions } from '../../data/stale-transactions.ts'
import { toListDays } from './days.ts'
import type { Filters } from './filters.ts'
import { findRows } from './find.ts'
import { buildLayout } from './layout.ts'
import {
  candidateRowsQuery,
  candidatesQuery,
  layoutQuery,
  type DayFlowRow,
  type TransactionRow,
} from './queries.ts'
import { buildMatcher } from './search.ts'
import { openTestDatabase } from '../../data/testing.ts'

const workspace = '00000000-0000-4000-8000-000000000001'
const accounts = [1, 2].map((n) => `00000000-0000-4000-8000-00000000010${n}`)
const category = '00000000-0000-4000-8000-000000000201'
const pieces = [
  'Café',
  'caf',
  'ﬁne',
  'Ⅷ',
  'straße',
  '咖啡馆',
  '🥨🥐',
  '12',
  '250',
  '0.5',
  '"',
  '\0',
  '-',
  ' ',
  '\n',
]
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join(''))
const exponents = [0, 2, 3]

const row = fc.record({
  account_id: fc.constantFrom(...accounts),
  category_id: fc.constantFrom(null, category),
  kind: fc.constant('expense' as const),
  occurred_on: fc.constantFrom('2026-01-30', '2026-01-31', '2026-02-01'),
  amount: fc.oneof(fc.bigInt(-13_000n, 13_000n), fc.constantFrom(0n, 5n, -50n, -125_050n)),
  payee: text,
  note: fc.oneof(fc.constant(null), text),
})
const amountText = fc.constantFrom(
  '125',
  '1250.5',
  '1,250',
  '0.5',
  '0.05',
  '-500',
  '12,5',
  '005',
  '130',
)
const asked = fc.oneof(
  text,
  amountText,
  fc.tuple(text, amountText).map((words) => words.join(' ')),
)
const filters = fc.record({
  accountId: fc.constantFrom(null, ...accounts),
  categoryId: fc.constantFrom(null, category, 'none'),
  month: fc.constantFrom(null, '2026-01', '2026-02'),
})

describe('search', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
    await installStaleTransactions(db)
  })
  afterAll(async () => {
    await db.close()
  })

  it('finds by the index what a scan finds, however far behind the index is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 25 }),
        fc.nat({ max: 25 }),
        fc.array(fc.record({ at: fc.nat(), to: fc.option(text) }), { maxLength: 5 }),
        fc.array(asked, { minLength: 1, maxLength: 6 }),
        filters,
        fc.constantFrom(...exponents),
        async (rows, filled, changes, texts, chosen, exponent) => {
          await db.execute('DELETE FROM transactions')
          const ids = await write(rows)
          await handleStaleTransactions(db, Math.max(1, filled))
          for (const { at, to } of changes) {
            const id = ids[at % ids.length]!
            if (to === null) await takeRow(db, 'transactions', id)
            else await updateRow(db, 'transactions', id, { payee: to })
          }
          for (const wanted of texts)
            expect(await find(chosen, wanted, exponent)).toEqual(
              await scan(chosen, wanted, exponent),
            )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('reads what the index finds by its key', async () => {
    const chosen = { accountId: accounts[0]!, categoryId: category, month: '2026-01' }
    for (const query of [candidateRowsQuery(workspace, chosen, [1]), candidatesQuery('"abc"', 9)]) {
      const steps = await db.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${query.sql}`, [
        ...query.parameters,
      ])
      const plan = steps.map((step) => step.detail).join('\n')
      expect(plan).not.toMatch(/SCAN ps_data/)
      expect(plan).not.toMatch(/by_day|by_account|by_category|by_workspace/)
    }
  })

  async function write(rows: readonly (typeof row extends fc.Arbitrary<infer T> ? T : never)[]) {
    const written = await writeRows(
      db,
      'transactions',
      rows.map((cells) => ({ ...cells, workspace_id: workspace, status: 'cleared' as const })),
    )
    if (!written.ok) throw new Error(written.error.kind)
    return written.value
  }

  async function find(chosen: Filters, wanted: string, exponent: number): Promise<string[]> {
    const read = <Row>({ sql, parameters }: Query) => db.getAll<Row>(sql, [...parameters])
    const flows = await read<DayFlowRow>(layoutQuery(workspace, chosen, 'several'))
    const layout = buildLayout(toListDays(flows, () => 'EUR'))
    const matcher = buildMatcher(wanted, () => exponent) ?? (() => true)
    const search = { workspaceId: workspace, filters: chosen, text: wanted, matcher, database: db }
    const found: string[] = []
    for await (const step of findRows(layout, search)) found.push(...step.found.map(({ id }) => id))
    return found
  }

  async function scan(chosen: Filters, wanted: string, exponent: number): Promise<string[]> {
    const matcher = buildMatcher(wanted, () => exponent) ?? (() => true)
    const all = await db.getAll<TransactionRow>(
      'SELECT * FROM transactions ORDER BY occurred_on DESC, created_at DESC, id DESC',
    )
    return all
      .filter(
        (each) =>
          (chosen.accountId === null || each.account_id === chosen.accountId) &&
          (chosen.categoryId === null || (each.category_id ?? 'none') === chosen.categoryId) &&
          (chosen.month === null || each.occurred_on.startsWith(chosen.month)) &&
          matcher(each),
      )
      .map(({ id }) => id)
  }
})
