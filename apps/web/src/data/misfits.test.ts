import type { PowerSyncDatabase } from '@powersync/node'
import { checkSplit } from '@sealbook/ledger'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { countMisfits, readMisfits } from './misfits.ts'
import { writeRows } from './rows.ts'
import { handleStaleTransactions, installStaleTransactions } from './stale-transactions.ts'
import { openTestDatabase } from './testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const accountId = '00000000-0000-4000-8000-0000000000a1'
const place = { workspace_id: workspaceId, account_id: accountId, occurred_on: '2026-02-28' }

/** As the router writes what came from elsewhere: past the gate that checks the app's own writes. */
describe('what came from elsewhere', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    await installStaleTransactions(db)
    const account = { type: 'cash', currency: 'EUR', sort_order: 0, name: 'Cash' } as const
    const row = { ...account, id: accountId, workspace_id: workspaceId, opening_balance: 0n }
    expect((await writeRows(db, 'accounts', [row])).ok).toBe(true)
  })
  beforeEach(async () => {
    await db.execute('DELETE FROM transactions')
    await handle()
  })
  afterAll(() => db.close())

  it('is noted where the parts of a split do not make up the whole, until they do', async () => {
    await put('whole', { amount: -1_000 })
    await put('part', { amount: -400, parent_id: 'whole' })
    expect(await misfits(1_000)).toEqual(['whole split'])
    await put('other', { amount: -600, parent_id: 'whole' })
    expect(await misfits(2_000)).toEqual([])
    await change('other', 'occurred_on', '2026-03-01')
    expect(await misfits(3_000)).toEqual(['whole split'])
    await change('other', 'amount', -700)
    await handle(4_000)
    expect(await readMisfits(db)).toEqual([{ id: 'whole', kinds: ['split'], seenAt: 3_000 }])
    await change('whole', 'occurred_on', '2026-03-01')
    await change('part', 'occurred_on', '2026-03-01')
    await change('whole', 'amount', -1_100)
    expect(await misfits()).toEqual([])
  })

  it('is noted where a part left its split, or is gone', async () => {
    await put('whole', { amount: -1_000 })
    await put('part', { amount: -400, parent_id: 'whole' })
    await put('other', { amount: -600, parent_id: 'whole' })
    expect(await misfits()).toEqual([])
    await change('part', 'parent_id', null)
    expect(await misfits()).toEqual(['whole split'])
    await change('part', 'parent_id', 'whole')
    expect(await misfits()).toEqual([])
    await db.execute("DELETE FROM transactions WHERE id = 'other'")
    expect(await misfits()).toEqual(['whole split'])
    await db.execute("DELETE FROM transactions WHERE id = 'whole'")
    expect(await misfits()).toEqual([])
  })

  it('is noted where an original amount does not fit, and names both where both are wrong', async () => {
    const dollars = { original_amount: -1_000, original_currency: 'USD', original_rate: '0.925' }
    await put('holiday', { amount: -925, ...dollars })
    expect(await misfits()).toEqual([])
    await change('holiday', 'amount', -1_925)
    expect(await misfits()).toEqual(['holiday rate'])
    await put('part', { amount: -5, parent_id: 'holiday' })
    expect(await misfits()).toEqual(['holiday split rate'])
    expect(await countMisfits(db)).toBe(1)
    await change('holiday', 'original_amount', null)
    await change('holiday', 'amount', -5)
    expect(await misfits()).toEqual([])
  })

  it('is noted of rows that an older version of the app had indexed', async () => {
    await put('whole', { amount: -1_000 })
    await put('part', { amount: -400, parent_id: 'whole' })
    await handle()
    await db.execute('DROP TABLE misfits')
    await db.execute('DROP TABLE split_parts')
    await installStaleTransactions(db)
    expect(await misfits()).toEqual(['whole split'])
    await installStaleTransactions(db)
    expect(await countMisfits(db)).toBe(1)
  })

  it('is judged as if every split were looked at, in whatever order and steps it came', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd')
    const wholeId = fc.option(id)
    const amount = fc.integer({ min: -2, max: 2 })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), id, amount, wholeId }),
      fc.record({ kind: fc.constant('remove' as const), id }),
      fc.record({ kind: fc.constant('handle' as const), rows: fc.integer({ min: 1, max: 3 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 24 }), async (steps) => {
        for (const each of steps) {
          if (each.kind === 'handle') await handleStaleTransactions(db, each.rows)
          else await db.execute('DELETE FROM transactions WHERE id = ?', [each.id])
          if (each.kind === 'put')
            await put(each.id, { amount: each.amount, parent_id: each.wholeId })
        }
        expect(await misfits()).toEqual(await allSplitMisfits())
      }),
      { numRuns: 100 },
    )
  })

  async function put(id: string, cells: Readonly<Record<string, string | number | null>>) {
    const row = { id, ...place, kind: 'expense', status: 'cleared', ...cells }
    const names = Object.keys(row)
    await db.execute(
      `INSERT INTO transactions (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      Object.values(row),
    )
  }

  async function change(id: string, column: string, value: string | number | null) {
    await db.execute(`UPDATE transactions SET ${column} = ? WHERE id = ?`, [value, id])
  }

  async function handle(nowMs?: number): Promise<void> {
    while ((await handleStaleTransactions(db, 2, nowMs)) > 0);
  }

  async function misfits(nowMs?: number): Promise<string[]> {
    await handle(nowMs)
    return (await readMisfits(db)).map(({ id, kinds }) => [id, ...kinds].join(' ')).toSorted()
  }

  async function allSplitMisfits(): Promise<string[]> {
    const rows = await db.getAll<Record<string, unknown>>(
      'SELECT id, parent_id, account_id, occurred_on, amount FROM transactions ORDER BY id',
    )
    return rows.flatMap((whole) => {
      const parts = rows.filter((row) => row['parent_id'] === whole['id'])
      return checkSplit(whole, parts).length === 0 ? [] : [`${String(whole['id'])} split`]
    })
  }
})
