import type { PowerSyncDatabase } from '@powersync/node'
import { addTotals, asAmountMinor, type Total } from '@sealbook/ledger'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readTotal, type TotalParts } from '../../data/amount-sql.ts'
import { accountFlowsQuery } from '../../data/balances.ts'
import { installDayTotals } from '../../data/day-totals.ts'
import type { Account } from '../../data/records.ts'
import { writeRows } from '../../data/rows.ts'
import { addAccount, deleteAccount, moveAccount } from './commands.ts'
import { accountUseQuery } from './queries.ts'
import { openTestDatabase } from '../../data/testing.ts'

const workspace = '00000000-0000-4000-8000-000000000001'

describe('accounts', () => {
  let db: PowerSyncDatabase

  beforeEach(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
  })
  afterEach(async () => {
    await db.close()
  })

  it('deletes an account only while nothing belongs to it', async () => {
    const id = await add('Everyday')
    await spend(id, [-100n])
    expect(await deleteAccount(db, workspace, id)).toEqual({
      ok: false,
      error: { kind: 'in-use', transactions: 1 },
    })
    await db.execute('DELETE FROM transactions')
    expect((await deleteAccount(db, workspace, id)).ok).toBe(true)
    expect(await accounts()).toEqual([])
  })

  it('counts the use of an account by its index', async () => {
    const { sql, parameters } = accountUseQuery(workspace, 'a')
    const plan = await db.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, [...parameters])
    expect(plan.map((step) => step.detail).join()).toMatch(/SEARCH.*by_account/)
  })

  it('adds at the end, and moves one place at a time', async () => {
    for (const name of ['A', 'B', 'C']) await add(name)
    const last = (await accounts()).at(-1)
    await moveAccount(db, await accounts(), last!.id, -1)
    expect((await accounts()).map((account) => account.name)).toEqual(['A', 'C', 'B'])
    await moveAccount(db, await accounts(), last!.id, -1)
    await moveAccount(db, await accounts(), last!.id, -1)
    expect((await accounts()).map((account) => account.name)).toEqual(['C', 'A', 'B'])
  })

  it('has flows from day totals that equal a plain sum', async () => {
    const id = await add('Everyday')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt(-(10n ** 13n), 10n ** 13n)), async (amounts) => {
        await db.execute('DELETE FROM transactions')
        await spend(id, amounts)
        const { sql, parameters } = accountFlowsQuery(workspace)
        const [flow] = await db.getAll<TotalParts<'income'> & TotalParts<'expense'>>(sql, [
          ...parameters,
        ])
        const expected = amounts.reduce((sum, amount) => sum + amount, 0n)
        const names = ['income', 'expense'] as const
        const found = names.map((name) => (flow === undefined ? 0 : readTotal(flow, name)))
        expect(BigInt(found.reduce<Total>(addTotals, 0))).toBe(expected)
      }),
      { numRuns: 20 },
    )
  })

  async function add(name: string): Promise<string> {
    const written = await addAccount(db, workspace, await accounts(), {
      name,
      type: 'cash',
      currency: 'EUR',
      openingBalance: asAmountMinor(9_000_000_000_055),
      note: '',
    })
    if (!written.ok) throw new Error(written.error.kind)
    return written.value[0]!
  }

  async function spend(accountId: string, amounts: readonly bigint[]): Promise<void> {
    const written = await writeRows(
      db,
      'transactions',
      amounts.map((amount, n) => ({
        workspace_id: workspace,
        account_id: accountId,
        category_id: null,
        kind: n % 3 === 0 ? ('income' as const) : ('expense' as const),
        occurred_on: `2026-01-0${(n % 5) + 1}`,
        status: 'cleared' as const,
        amount,
      })),
    )
    expect(written.ok).toBe(true)
  }

  async function accounts(): Promise<Account[]> {
    return db.getAll<Account>(
      'SELECT id, name, sort_order AS sortOrder FROM accounts ORDER BY sort_order',
    )
  }
})
