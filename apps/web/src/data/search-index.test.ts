import type { PowerSyncDatabase } from '@powersync/node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { takeRow, updateRow, writeRows } from './rows.ts'
import { amountExpression, textExpression } from './search-index.ts'
import { keepStaleHandled } from './stale-handler.ts'
import { handleStaleTransactions, installStaleTransactions } from './stale-transactions.ts'
import { openTestDatabase } from './testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const accountId = '00000000-0000-4000-8000-000000000101'

describe('search index', () => {
  let db: PowerSyncDatabase

  beforeEach(async () => {
    db = await openTestDatabase()
  })
  afterEach(async () => {
    await db.close()
  })

  it('knows the rows that were there before it', async () => {
    await add('Café Müller')
    await installStaleTransactions(db)
    expect(await stale()).toBe(1)
    await fill()
    expect(await find(textExpression('cafe'))).toEqual(['Café Müller'])
  })

  it('notes every written row, and forgets what it held before', async () => {
    await installStaleTransactions(db)
    const id = await add('Bakery')
    await fill()
    await updateRow(db, 'transactions', id, { payee: 'Market' })
    expect(await stale()).toBe(1)
    await fill()
    expect(await find(textExpression('bakery'))).toEqual([])
    expect(await find(textExpression('market'))).toEqual(['Market'])
    await takeRow(db, 'transactions', id)
    await fill()
    expect(await count(textExpression('market'))).toBe(0)
  })

  it('stays filled when it is installed again', async () => {
    await installStaleTransactions(db)
    await add('Bakery')
    await fill()
    await installStaleTransactions(db)
    expect(await stale()).toBe(0)
    expect(await find(textExpression('bakery'))).toEqual(['Bakery'])
  })

  it('finds the beginning of an amount, wherever the currency has its point', async () => {
    await installStaleTransactions(db)
    await add('Rent', -125_050n)
    await add('Tip', -5n)
    await fill()
    expect(await find(amountExpression('1250.5'))).toEqual(['Rent'])
    expect(await find(amountExpression('0.05'))).toEqual(['Tip'])
    expect(await find(amountExpression('250'))).toEqual([])
    expect(amountExpression('0')).toBe(null)
  })

  it.each(['ab', 'a\0bc', '\ud83dabc'])('cannot tell about %j', (word) =>
    expect(textExpression(word)).toBe(null),
  )

  it('takes quotes, emoji and texts of any length', async () => {
    await installStaleTransactions(db)
    const payee = `"Tom's" 🥨🥐🍞 ${'long '.repeat(20)}`
    await add(payee)
    await fill()
    for (const word of [`"tom's"`, '🥨🥐🍞', `"tom's" 🥨🥐🍞 ${'long '.repeat(20)}`])
      expect(await find(textExpression(word))).toEqual([payee])
  })

  it('is filled by itself once changes rest, in as many steps as it takes', async () => {
    await installStaleTransactions(db)
    const stop = new AbortController()
    const filling = keepStaleHandled(db, stop.signal, 20)
    await add('Bakery')
    await vi.waitFor(async () => expect(await stale()).toBe(0))
    for (let row = 0; row < 450; row += 1) await add(`Payee ${row}`)
    await vi.waitFor(async () => expect(await stale()).toBe(0), { timeout: 10_000 })
    expect(await count(textExpression('payee'))).toBe(450)
    stop.abort()
    await filling
  })

  async function add(payee: string, amount = -100n): Promise<string> {
    const written = await writeRows(db, 'transactions', [
      {
        workspace_id: workspaceId,
        account_id: accountId,
        kind: 'expense',
        occurred_on: '2026-01-30',
        status: 'cleared',
        amount,
        payee,
      },
    ])
    if (!written.ok) throw new Error(written.error.kind)
    return written.value[0]!
  }

  async function fill(): Promise<void> {
    while ((await handleStaleTransactions(db, 100)) > 0);
  }

  async function stale(): Promise<number> {
    const { rows } = await db.get<{ rows: number }>('SELECT count(*) AS rows FROM search_stale')
    return rows
  }

  async function count(expression: string | null): Promise<number> {
    const { rows } = await db.get<{ rows: number }>(
      'SELECT count(*) AS rows FROM search_text WHERE search_text MATCH ?',
      [expression],
    )
    return rows
  }

  async function find(expression: string | null): Promise<string[]> {
    const rows = await db.getAll<{ payee: string }>(
      `SELECT data ->> '$.payee' AS payee FROM ps_data_local__transactions
       WHERE rowid IN (SELECT rowid FROM search_text WHERE search_text MATCH ?)`,
      [expression],
    )
    return rows.map(({ payee }) => payee)
  }
})
