import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addAgain, changeRow } from './form-row.ts'
import { takeRow, readRow, updateRow, writeRows } from './rows.ts'
import { openTestDatabase } from './testing.ts'

const account = {
  workspace_id: '00000000-0000-4000-8000-000000000001',
  type: 'cash',
  currency: 'EUR',
  sort_order: 3,
  name: 'Purse',
  opening_balance: 9_000_000_000_055n,
  note: null,
} as const
const shown = { name: 'Purse', opening_balance: 9_000_000_000_055n, note: '' }

let db: PowerSyncDatabase
beforeAll(async () => {
  db = await openTestDatabase()
})
afterAll(async () => {
  await db.close()
})

async function insertAccount(): Promise<string> {
  const written = await writeRows(db, 'accounts', [account])
  if (!written.ok) throw new Error(written.error.kind)
  return String(written.value[0])
}

it('writes what the form changed, and leaves what another device changed meanwhile', async () => {
  const id = await insertAccount()
  await updateRow(db, 'accounts', id, { note: 'elsewhere' })
  const saved = await changeRow(db, 'accounts', id, { ...shown, name: 'Wallet' }, shown)
  expect(saved).toEqual({ ok: true, value: undefined })
  expect(await readRow(db, 'accounts', id)).toMatchObject({ name: 'Wallet', note: 'elsewhere' })
})

it('writes nothing over a value that the form did not show', async () => {
  const id = await insertAccount()
  await updateRow(db, 'accounts', id, { opening_balance: 5n })
  const cells = { ...shown, name: 'Wallet', opening_balance: 7n }
  const refused = await changeRow(db, 'accounts', id, cells, shown)
  expect(refused).toEqual({ ok: false, error: { kind: 'changed-elsewhere' } })
  const row = { name: 'Purse', opening_balance: '5' }
  expect(await readRow(db, 'accounts', id)).toMatchObject(row)
  const told = await changeRow(db, 'accounts', id, cells, { ...shown, opening_balance: 5n })
  expect(told.ok).toBe(true)
  expect(await readRow(db, 'accounts', id)).toMatchObject({ name: 'Wallet', opening_balance: '7' })
})

it('writes over what another device wrote and the form could not show', async () => {
  const id = await insertAccount()
  const nothing = { name: 'Purse', currency: '', opening_balance: null, note: '' }
  for (const broken of ['9223372036854775807', '-9223372036854775808']) {
    await db.execute(
      `UPDATE accounts SET opening_balance = ${broken}, currency = '€' WHERE id = ?`,
      [id],
    )
    const cells = { ...nothing, currency: 'EUR', opening_balance: 7n }
    expect(await changeRow(db, 'accounts', id, cells, nothing)).toMatchObject({ ok: true })
    expect(await readRow(db, 'accounts', id)).toMatchObject({
      currency: 'EUR',
      opening_balance: '7',
    })
  }
})

it('says when the row is gone, and adds it again with what the form does not show', async () => {
  const id = await insertAccount()
  const atStart = (await readRow(db, 'accounts', id)) ?? {}
  await takeRow(db, 'accounts', id)
  const cells = { ...shown, name: 'Wallet' }
  const refused = await changeRow(db, 'accounts', id, cells, shown)
  expect(refused).toEqual({ ok: false, error: { kind: 'gone' } })
  const before = await db.getAll<{ id: string }>('SELECT id FROM accounts')
  expect((await addAgain(db, 'accounts', atStart, { name: 'é'.repeat(300) })).ok).toBe(false)
  expect(await db.getAll('SELECT id FROM accounts')).toEqual(before)
  expect((await addAgain(db, 'accounts', atStart, cells)).ok).toBe(true)
  const after = await db.getAll<{ id: string }>('SELECT id FROM accounts')
  const [again] = after.filter((row) => !before.some((other) => other.id === row.id))
  expect(again?.id).not.toBe(id)
  expect(await readRow(db, 'accounts', String(again?.id))).toMatchObject({
    name: 'Wallet',
    sort_order: '3',
    opening_balance: '9000000000055',
    created_at: atStart['created_at'],
  })
})
