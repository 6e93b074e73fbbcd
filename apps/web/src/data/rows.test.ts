import type { PowerSyncDatabase } from '@powersync/node'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  changedCells,
  deleteRow,
  restoreRow,
  takeRow,
  updateRow,
  writeRows,
  type NewRow,
} from './rows.ts'
import { openTestDatabase } from './testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const transaction: NewRow<'transactions'> = {
  workspace_id: workspaceId,
  account_id: '00000000-0000-4000-8000-000000000002',
  kind: 'expense',
  occurred_on: '2026-02-28',
  status: 'cleared',
  amount: -1n,
}
const exactAmount = fc.oneof(
  fc.bigInt(-(2n ** 53n) + 1n, 2n ** 53n - 1n),
  fc.constantFrom(
    2n ** 31n - 1n,
    2n ** 31n,
    -(2n ** 31n) - 1n,
    10n ** 15n + 1n,
    9_000_000_000_055n,
  ),
)

describe('rows', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
  })

  afterAll(async () => {
    await db.close()
  })

  it('come back from a deletion with every column, under a new id', async () => {
    const id = await insert({
      ...transaction,
      amount: 9_000_000_000_055n,
      payee: 'Café',
      tags: '["travel"]',
      import_reference: 'row 7',
      original_amount: 2n ** 53n - 1n,
      original_currency: 'JPY',
      original_rate: '0.0061',
    })
    const columns = `SELECT created_at, account_id, kind, occurred_on, payee, tags, import_reference,
      original_currency, original_rate, CAST(amount AS TEXT) AS amount, typeof(amount) AS type,
      CAST(original_amount AS TEXT) AS original FROM transactions WHERE id = ?`
    const before = await db.get(columns, [id])
    const taken = await takeRow(db, 'transactions', id)
    expect(await db.getAll(columns, [id])).toEqual([])
    const others = await db.getAll<{ id: string }>('SELECT id FROM transactions')
    await restoreRow(db, 'transactions', taken ?? {})
    const all = await db.getAll<{ id: string }>('SELECT id FROM transactions')
    const [back] = all.filter((row) => !others.some((other) => other.id === row.id))
    expect(back?.id).not.toBe(id)
    expect(await db.get(columns, [back?.id])).toEqual(before)
    expect(await takeRow(db, 'transactions', id)).toBeNull()
  })

  it('keep every amount exactly, inserted and updated', async () => {
    await fc.assert(
      fc.asyncProperty(exactAmount, exactAmount, async (amount, changed) => {
        const id = await insert({ ...transaction, amount })
        expect(await amountOf(id)).toEqual({ text: String(amount), type: 'integer' })
        expect(await updateRow(db, 'transactions', id, { amount: changed })).toMatchObject({
          ok: true,
        })
        expect(await amountOf(id)).toEqual({ text: String(changed), type: 'integer' })
      }),
      { numRuns: 50 },
    )
  })

  it('keep words as they were typed, whatever they look like', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('012', '1e5', 'null', '{"a":1}')),
        async (payee) => {
          const id = await insert({ ...transaction, payee })
          expect(await db.get('SELECT payee, note FROM transactions WHERE id = ?', [id])).toEqual({
            payee,
            note: null,
          })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('keep what changed elsewhere while a form was open', async () => {
    const id = await insert({ ...transaction, payee: 'Shop', note: null })
    const found = { payee: 'Shop', note: null, amount: -1 }
    await db.execute(`UPDATE transactions SET note = 'elsewhere' WHERE id = ?`, [id])
    const entered = { payee: 'Shop', note: '', amount: -2n }
    await updateRow(db, 'transactions', id, changedCells(entered, found))
    const read = 'SELECT payee, note, amount, updated_at FROM transactions WHERE id = ?'
    const row = await db.get<{ updated_at: number }>(read, [id])
    expect(row).toMatchObject({ payee: 'Shop', note: 'elsewhere', amount: -2 })
    await updateRow(db, 'transactions', id, changedCells(entered, entered), row.updated_at + 1)
    expect(await db.get(read, [id])).toEqual(row)
  })

  it('set both instants at writing and the second one at changing', async () => {
    const written = await writeRows(db, 'transactions', [transaction], 1_700_000_000_000)
    if (!written.ok) throw new Error(written.error.kind)
    const id = written.value[0]
    await updateRow(db, 'transactions', String(id), { note: 'later' }, 1_700_000_000_001)
    expect(
      await db.get('SELECT created_at, updated_at FROM transactions WHERE id = ?', [id]),
    ).toEqual({
      created_at: 1_700_000_000_000,
      updated_at: 1_700_000_000_001,
    })
  })

  it('are gone when they are deleted', async () => {
    const id = await insert(transaction)
    await db.writeTransaction((tx) => deleteRow(tx, 'transactions', id))
    expect(await db.getOptional('SELECT id FROM transactions WHERE id = ?', [id])).toBeNull()
  })

  it('leave no deed behind when their deletion fails', async () => {
    const id = await insert(transaction)
    await db.execute('DELETE FROM router_deeds')
    await db.execute(`CREATE TEMP TRIGGER disk_full INSTEAD OF DELETE ON transactions
      BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    try {
      await expect(takeRow(db, 'transactions', id)).rejects.toThrow('disk full')
    } finally {
      await db.execute('DROP TRIGGER disk_full')
    }
    expect(await db.getAll('SELECT * FROM router_deeds')).toEqual([])
  })

  it.each([
    ['too-long', { payee: 'é'.repeat(201) }],
    ['out-of-range', { amount: 2n ** 53n }],
    ['invalid', { occurred_on: '2026-13-01' }],
    ['invalid', { account_id: 'not-a-uuid' }],
    ['invalid', { kind: 'gift' as 'income' }],
    ['missing', { amount: 1 as unknown as bigint, occurred_on: null as unknown as string }],
    ['missing', { amount: null }],
    ['invalid', { occurred_on: '2026-02-29' }],
  ])('are refused as %s before anything is written', async (kind, wrong) => {
    const before = await db.get('SELECT count(*) AS n FROM transactions')
    const written = await writeRows(db, 'transactions', [transaction, { ...transaction, ...wrong }])
    expect(written).toMatchObject({ ok: false, error: { kind } })
    expect(await db.get('SELECT count(*) AS n FROM transactions')).toEqual(before)
  })

  it('take a name of exactly the most bytes', async () => {
    await insert({ ...transaction, payee: 'é'.repeat(200) })
  })

  async function insert(row: NewRow<'transactions'>): Promise<string> {
    const written = await writeRows(db, 'transactions', [row])
    if (!written.ok) throw new Error(`${written.error.kind} ${written.error.column}`)
    return String(written.value[0])
  }

  async function amountOf(id: string) {
    return db.get(
      'SELECT CAST(amount AS TEXT) AS text, typeof(amount) AS type FROM transactions WHERE id = ?',
      [id],
    )
  }
})
