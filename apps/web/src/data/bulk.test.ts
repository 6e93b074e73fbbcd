import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateManyRows, writeManyRows } from './bulk.ts'
import type { NewRow } from './rows.ts'
import { openTestDatabase } from './testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const accountId = '00000000-0000-4000-8000-000000000101'

describe('many rows', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  beforeEach(() => db.execute('DELETE FROM transactions'))
  afterAll(async () => {
    await db.close()
  })

  const row = (n: number, changes: Partial<NewRow<'transactions'>> = {}) => ({
    workspace_id: workspaceId,
    account_id: accountId,
    kind: 'expense' as const,
    occurred_on: '2026-01-30',
    status: 'cleared' as const,
    amount: BigInt(-n - 1),
    payee: `Payee ${n}`,
    ...changes,
  })
  const payees = async () => {
    const rows = await db.getAll<{ payee: string }>(
      'SELECT payee FROM transactions ORDER BY amount DESC',
    )
    return rows.map(({ payee }) => payee)
  }

  it('writes and changes every one, in more steps than one', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => row(n))
    const written = await writeManyRows(db, 'transactions', rows)
    if (!written.ok) throw new Error('refused')
    expect(await payees()).toEqual(rows.map(({ payee }) => payee))
    const changed = await updateManyRows(db, 'transactions', written.value, { payee: 'Same' })
    expect(changed).toEqual(written)
    expect(new Set(await payees())).toEqual(new Set(['Same']))
    expect((await payees()).length).toBe(450)
  })

  it('stops at what is refused, and says which rows were written', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => row(n))
    rows[300] = row(300, { occurred_on: 'no day' })
    const written = await writeManyRows(db, 'transactions', rows)
    if (written.ok) throw new Error('written')
    expect(written.error.breach.column).toBe('occurred_on')
    expect(written.error.done.length).toBe(200)
    expect((await payees()).length).toBe(200)
  })

  it('changes nothing by what is refused', async () => {
    const written = await writeManyRows(db, 'transactions', [row(0), row(1)])
    if (!written.ok) throw new Error('refused')
    const changed = await updateManyRows(db, 'transactions', written.value, {
      payee: 'Other',
      occurred_on: 'no day',
    })
    expect(changed.ok).toBe(false)
    expect(await payees()).toEqual(['Payee 0', 'Payee 1'])
  })
})
