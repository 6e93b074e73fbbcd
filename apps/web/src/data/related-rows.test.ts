import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateRow, writeRows, type NewRow, type RowChanges } from './rows.ts'
import { openTestDatabase } from './testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const accountId = '00000000-0000-4000-8000-0000000000a1'
const otherAccountId = '00000000-0000-4000-8000-0000000000a2'
const wholeId = '00000000-0000-4000-8000-0000000000b0'
const partIds = ['00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000b2']
const loanId = '00000000-0000-4000-8000-0000000000c0'

const whole = {
  id: wholeId,
  workspace_id: workspaceId,
  account_id: accountId,
  kind: 'expense',
  occurred_on: '2026-02-28',
  status: 'cleared',
  amount: -1_000n,
} as const satisfies NewRow<'transactions'>
const part = (index: number, amount: bigint): NewRow<'transactions'> => ({
  ...whole,
  id: partIds[index]!,
  parent_id: wholeId,
  amount,
})

describe('a write that concerns other values', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    for (const [id, currency] of [
      [accountId, 'EUR'],
      [otherAccountId, 'JPY'],
    ] as const) {
      const account = { id, workspace_id: workspaceId, type: 'cash', currency } as const
      await write('accounts', [{ ...account, sort_order: 0, name: currency, opening_balance: 0n }])
    }
  })

  beforeEach(async () => {
    await db.execute('DELETE FROM transactions')
    await db.execute('DELETE FROM loan_payments')
  })

  afterAll(async () => {
    await db.close()
  })

  describe('to a split', () => {
    it('takes parts that add up, together with their whole or after it', async () => {
      expect(await write('transactions', [whole, part(0, -400n), part(1, -600n)])).toBe('written')
      await db.execute('DELETE FROM transactions')
      expect(await write('transactions', [whole])).toBe('written')
      expect(await write('transactions', [part(0, -400n), part(1, -600n)])).toBe('written')
    })

    it('refuses parts that do not add up, or are elsewhere, and writes none of them', async () => {
      const refused = (column: string) => `split-differs ${column}`
      expect(await write('transactions', [whole, part(0, -400n)])).toBe(refused('amount'))
      expect(
        await write('transactions', [whole, { ...part(0, -1_000n), account_id: otherAccountId }]),
      ).toBe(refused('account_id'))
      expect(
        await write('transactions', [whole, { ...part(0, -1_000n), occurred_on: '2026-02-27' }]),
      ).toBe(refused('occurred_on'))
      expect(await count()).toBe(0)

      await write('transactions', [whole, part(0, -1_000n)])
      expect(await write('transactions', [part(1, -1n)])).toBe(refused('amount'))
      expect(await count()).toBe(2)
    })

    it('refuses a change of the whole or of a part that would break it', async () => {
      await write('transactions', [whole, part(0, -400n), part(1, -600n)])
      for (const id of [wholeId, ...partIds]) {
        expect(await change(id, { amount: -999n })).toBe('split-differs amount')
        expect(await change(id, { occurred_on: '2026-02-01' })).toBe('split-differs occurred_on')
        expect(await change(id, { account_id: otherAccountId })).toBe('split-differs account_id')
      }
      expect(await change(partIds[0]!, { parent_id: null })).toBe('split-differs amount')
      expect(await change(wholeId, { note: 'Groceries and a book' })).toBe('written')
    })

    it('lets one that another device broke be mended', async () => {
      await write('transactions', [whole, part(0, -400n), part(1, -600n)])
      await db.execute('UPDATE transactions SET amount = -500 WHERE id = ?', [partIds[0]])
      expect(await change(partIds[1]!, { amount: -550n })).toBe('written')
      expect(await change(wholeId, { amount: -1_050n })).toBe('written')
      expect(await change(wholeId, { amount: -1_051n })).toBe('split-differs amount')
    })

    it('finds the parts by an index', async () => {
      const plans: string[] = []
      const recording = {
        execute: db.execute.bind(db),
        getAll: async (sql: string, parameters?: unknown[]) => {
          const plan = await db.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters)
          plans.push(...plan.map(({ detail }) => detail))
          return db.getAll(sql, parameters)
        },
      }
      await updateRow(recording as never, 'transactions', wholeId, { amount: -1n })
      expect(
        plans.filter((step) => /ps_data_local__transactions__by_account/.test(step)),
      ).not.toEqual([])
      expect(plans.filter((step) => /^SCAN ps_data/.test(step))).toEqual([])
    })
  })

  describe('to an amount in another currency', () => {
    const foreign = {
      ...whole,
      amount: -925n,
      original_amount: -1_000n,
      original_currency: 'USD',
      original_rate: '0.925',
    }

    it('takes what fits its rate and its account’s currency, and nothing else', async () => {
      expect(await write('transactions', [foreign])).toBe('written')
      expect(await change(wholeId, { amount: -1_925n })).toBe('inconsistent original_amount')
      expect(await change(wholeId, { account_id: otherAccountId })).toBe(
        'inconsistent original_amount',
      )
      expect(await change(wholeId, { original_rate: null })).toBe('inconsistent original_rate')
      expect(await change(wholeId, { amount: -1_850n, original_amount: -2_000n })).toBe('written')
      const other = { ...foreign, id: partIds[0]!, original_rate: '9.25' }
      expect(await write('transactions', [other])).toBe('inconsistent original_amount')
    })
  })

  it('to one column of a row is checked with the others that it goes with', async () => {
    const payment = {
      id: wholeId,
      workspace_id: workspaceId,
      loan_id: loanId,
      due_on: '2026-03-01',
      amount: 500n,
      principal_part: 400n,
      interest_part: 100n,
    }
    expect(await write('loan_payments', [{ ...payment, amount: 501n }])).toBe('inconsistent amount')
    expect(await write('loan_payments', [payment])).toBe('written')
    const changed = await updateRow(db, 'loan_payments', wholeId, { interest_part: 101n })
    expect(changed).toEqual({
      ok: false,
      error: { kind: 'inconsistent', column: 'amount', with: 'principal_part' },
    })
    expect(
      await updateRow(db, 'loan_payments', wholeId, { interest_part: 101n, amount: 501n }),
    ).toMatchObject({ ok: true })
  })

  async function write<T extends 'accounts' | 'transactions' | 'loan_payments'>(
    table: T,
    rows: readonly NewRow<T>[],
  ): Promise<string> {
    const written = await writeRows(db, table, rows)
    return written.ok ? 'written' : `${written.error.kind} ${written.error.column}`
  }

  async function change(id: string, changes: RowChanges<'transactions'>): Promise<string> {
    const changed = await updateRow(db, 'transactions', id, changes)
    return changed.ok ? 'written' : `${changed.error.kind} ${changed.error.column}`
  }

  async function count(): Promise<number> {
    return (await db.get<{ n: number }>('SELECT count(*) AS n FROM transactions')).n
  }
})
