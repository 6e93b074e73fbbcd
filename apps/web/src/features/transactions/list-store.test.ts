import type { PowerSyncDatabase } from '@powersync/node'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installDayTotals } from '../../data/day-totals.ts'
import { takeRow, updateRow, writeRows } from '../../data/rows.ts'
import { monthSums } from './days.ts'
import type { DaySum } from './layout.ts'
import { noFilters, type Filters } from './filters.ts'
import type { ListSnapshot } from './list-snapshot.ts'
import { TransactionList } from './list-store.ts'
import type { TransactionRow } from './queries.ts'
import { installStaleTransactions } from '../../data/stale-transactions.ts'
import { buildMatcher } from './search.ts'
import { openTestDatabase } from '../../data/testing.ts'

const workspace = '00000000-0000-4000-8000-000000000001'
const accounts = [1, 2].map((n) => `00000000-0000-4000-8000-00000000010${n}`)
const category = '00000000-0000-4000-8000-000000000201'
const currencyOf = (accountId: string) => (accountId === accounts[0] ? 'EUR' : 'USD')

const transaction = fc.record({
  account_id: fc.constantFrom(...accounts),
  category_id: fc.constantFrom(null, category),
  kind: fc.constantFrom('expense' as const, 'income' as const),
  occurred_on: fc.constantFrom<string[]>('2026-01-30', '2026-01-31', '2026-02-01', '2026-02-02'),
  amount: fc.bigInt(-1_000_000n, 1_000_000n),
  payee: fc.constantFrom<string[]>('Café', 'Market', ''),
})
type Written = typeof transaction extends fc.Arbitrary<infer T> ? T : never

const filters = fc.record({
  accountId: fc.constantFrom(null, ...accounts),
  categoryId: fc.constantFrom(null, category, 'none'),
  month: fc.constantFrom(null, '2026-01', '2026-02'),
})

describe('transaction list', () => {
  let db: PowerSyncDatabase
  let stop: () => void

  beforeEach(async () => {
    db = await openTestDatabase()
    await installDayTotals(db)
    await installStaleTransactions(db)
    stop = () => undefined
  })
  afterEach(async () => {
    stop()
    await db.close()
  })

  it('shows what a plain scan finds, under every filter, with its month sums', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(transaction, { maxLength: 40 }),
        filters,
        fc.constantFrom('', 'cafe'),
        async (rows, chosen, text) => {
          await db.execute('DELETE FROM transactions')
          await write(rows)
          const list = open(chosen, text)
          const shown = await until(list, isSettled)
          const expected = await scan(chosen, text)
          expect(rowsOf(shown).map((row) => row.id)).toEqual(expected.map((row) => row.id))
          for (const month of ['2026-01', '2026-02']) {
            expect(byCurrency(monthSums(shown.layout, month))).toEqual(
              byCurrency(plainSums(expected, month)),
            )
          }
          stop()
        },
      ),
      { numRuns: 40 },
    )
  })

  it('follows rows that are added, changed and deleted', async () => {
    const [first] = await write([sample({ payee: 'First', occurred_on: '2026-01-30' })])
    const list = open(noFilters, '')
    await until(list, (shown) => payees(shown).join() === 'First')
    await write([sample({ payee: 'Newer', occurred_on: '2026-02-02' })])
    await until(list, (shown) => payees(shown).join() === 'Newer,First')
    await write([sample({ payee: 'Older', occurred_on: '2026-01-01' })])
    await until(list, (shown) => payees(shown).join() === 'Newer,First,Older')
    await updateRow(db, 'transactions', first!, { payee: 'Moved', occurred_on: '2026-03-01' })
    await until(list, (shown) => payees(shown).join() === 'Moved,Newer,Older')
    await takeRow(db, 'transactions', first!)
    await until(list, (shown) => payees(shown).join() === 'Newer,Older')
  })

  it('shows what this handle wrote by the time the write is done', async () => {
    const list = open(noFilters, '')
    await until(list, isSettled)
    await write([sample({ payee: 'Written' })])
    expect(payees(list.getSnapshot())).toEqual(['Written'])
  })

  it('follows what another handle writes right after this one', async () => {
    const [id = ''] = await write([sample({ payee: 'Here' })])
    const writeElsewhere = db.database.writeLock.bind(db.database)
    const list = open(noFilters, '')
    await until(list, isSettled)
    await updateRow(db, 'transactions', id, { payee: 'Here again' })
    await writeElsewhere((tx) =>
      tx.execute(`UPDATE transactions SET payee = 'Elsewhere' WHERE id = ?`, [id]),
    )
    expect(payees(list.getSnapshot())).toEqual(['Here again'])
    await until(list, (shown) => payees(shown).join() === 'Elsewhere')
  })

  it('follows a row over a day in which nothing changed', async () => {
    const days = ['2026-01-30', '2026-01-30', '2026-01-31', '2026-02-01']
    const [left, moved = ''] = await write(days.map((day) => sample({ occurred_on: day })))
    const list = open(noFilters, '')
    await until(list, isSettled)
    await updateRow(db, 'transactions', moved, { occurred_on: '2026-02-01' })
    const shown = await until(list, (now) => now.layout.days[0]?.count === 2)
    expect(shown.rowAt('2026-01-30', 0)?.id).toBe(left)
  })

  it('keeps the window right, wherever rows are added, moved and deleted', async () => {
    const day = fc.constantFrom('2026-01-30', '2026-01-31', '2026-02-01', '2026-02-05')
    const change = fc.record({ kind: fc.constantFrom('add', 'move', 'delete'), day, at: fc.nat() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ day, count: fc.constantFrom(1, 3, 70, 140) }), { maxLength: 4 }),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat({ max: 120 }),
        async (history, changes, from) => {
          await db.execute('DELETE FROM transactions')
          await write(
            history.flatMap(({ day: on, count }) =>
              Array.from({ length: count }, () => sample({ occurred_on: on })),
            ),
          )
          const list = open(noFilters, '')
          await until(list, (shown) => shown.status === 'ready')
          list.want({ from, to: from + 20 })
          await until(list, (shown) => windowIs(shown, from, null))
          for (const { kind, day: on, at } of changes) {
            const rows = await scan(noFilters, '')
            const id = rows[at % Math.max(1, rows.length)]?.id ?? ''
            if (kind === 'add' || id === '') await write([sample({ occurred_on: on })])
            else if (kind === 'delete') await takeRow(db, 'transactions', id)
            else await updateRow(db, 'transactions', id, { occurred_on: on })
            const expected = (await scan(noFilters, '')).map((row) => row.id)
            await until(list, (shown) => windowIs(shown, from, expected))
          }
          stop()
        },
      ),
      { numRuns: 30 },
    )
  })

  it('keeps the identity of rows that did not change', async () => {
    await write([sample({ payee: 'Kept', occurred_on: '2026-01-30' })])
    const list = open(noFilters, '')
    const before = rowsOf(await until(list, isSettled))[0]
    await write([sample({ payee: 'New', occurred_on: '2026-01-30' })])
    const after = rowsOf(await until(list, (shown) => payees(shown).length === 2))
    expect(after.find((row) => row.payee === 'Kept')).toBe(before)
  })

  it('reads a day of many rows by pages, as the window comes near', async () => {
    await write(Array.from({ length: 900 }, (_, n) => sample({ payee: `Row ${n}` })))
    const list = open(noFilters, '')
    const shown = await until(list, isSettled)
    expect(shown.layout.rowCount).toBe(900)
    expect(shown.rowAt('2026-01-30', 800)).toBe(null)
    list.want({ from: 790, to: 830 })
    await until(list, (now) => now.rowAt('2026-01-30', 829) !== null)
    expect(list.getSnapshot().rowAt('2026-01-30', 400)).toBe(null)
  })

  it('finds an edited row again while a search is on', async () => {
    const [id] = await write([sample({ payee: 'Café' }), sample({ payee: 'Market' })])
    const list = open(noFilters, 'cafe')
    await until(list, (shown) => payees(shown).join() === 'Café')
    await updateRow(db, 'transactions', id!, { payee: 'Café Central' })
    await until(list, (shown) => payees(shown).join() === 'Café Central')
    await updateRow(db, 'transactions', id!, { payee: 'Bakery' })
    await until(list, (shown) => shown.layout.rowCount === 0)
  })

  function sample(changes: Partial<Written>): Written {
    return {
      account_id: accounts[0]!,
      category_id: null,
      kind: 'expense',
      occurred_on: '2026-01-30',
      amount: -100n,
      payee: '',
      ...changes,
    }
  }

  async function write(rows: readonly Written[]): Promise<readonly string[]> {
    const written = await writeRows(
      db,
      'transactions',
      rows.map((row) => ({ ...row, workspace_id: workspace, status: 'cleared' as const })),
    )
    if (!written.ok) throw new Error(written.error.kind)
    return written.value
  }

  function open(chosen: Filters, text: string): TransactionList {
    const list = new TransactionList(db, workspace)
    stop = list.start()
    list.want({ from: 0, to: 60 })
    list.ask({
      filters: chosen,
      matcher: buildMatcher(text, () => 2),
      text,
      currencyOf,
      currencies: 'several',
    })
    return list
  }

  async function scan(chosen: Filters, text: string): Promise<TransactionRow[]> {
    const matcher = buildMatcher(text, () => 2)
    const all = await db.getAll<TransactionRow>(
      'SELECT * FROM transactions ORDER BY occurred_on DESC, created_at DESC, id DESC',
    )
    return all.filter(
      (row) =>
        (chosen.accountId === null || row.account_id === chosen.accountId) &&
        (chosen.categoryId === null || (row.category_id ?? 'none') === chosen.categoryId) &&
        (chosen.month === null || row.occurred_on.startsWith(chosen.month)) &&
        (matcher === null || matcher(row)),
    )
  }
})

function isSettled(shown: ListSnapshot): boolean {
  if (shown.status !== 'ready' || shown.progress !== null) return false
  return shown.layout.rowCount === 0 || rowsOf(shown).length > 0
}

function rowsOf(shown: ListSnapshot): TransactionRow[] {
  return shown.layout.days.flatMap((day) =>
    Array.from({ length: day.count }, (_, position) => shown.rowAt(day.day, position)).filter(
      (row) => row !== null,
    ),
  )
}

/** Are the rows of the window those of `expected`, or, without it, all there? */
function windowIs(shown: ListSnapshot, from: number, expected: readonly string[] | null): boolean {
  const places = shown.layout.days.flatMap(({ day, count }) =>
    Array.from({ length: count }, (_, position) => ({ day, position })),
  )
  if (expected !== null && places.length !== expected.length) return false
  return places.slice(from, from + 20).every(({ day, position }, index) => {
    const id = shown.rowAt(day, position)?.id
    return expected === null ? id !== undefined : id === expected[from + index]
  })
}

function payees(shown: ListSnapshot): (string | null)[] {
  return rowsOf(shown).map((row) => row.payee)
}

/** Waits for the condition, not for a time. */
function until(
  list: TransactionList,
  holds: (snapshot: ListSnapshot) => boolean,
): Promise<ListSnapshot> {
  return new Promise((resolve) => {
    const look = () => {
      const snapshot = list.getSnapshot()
      if (!holds(snapshot)) return
      unsubscribe()
      resolve(snapshot)
    }
    const unsubscribe = list.subscribe(look)
    look()
  })
}

function plainSums(rows: readonly TransactionRow[], month: string) {
  return rows
    .filter((row) => row.occurred_on.startsWith(month))
    .map((row) => ({
      currency: currencyOf(row.account_id),
      inMinor: row.kind === 'income' ? (row.amount ?? 0) : 0,
      outMinor: row.kind === 'expense' ? (row.amount ?? 0) : 0,
    }))
}

function byCurrency(sums: readonly DaySum[]) {
  const totals = new Map<string, [bigint, bigint]>()
  for (const { currency, inMinor, outMinor } of sums) {
    const known = totals.get(currency) ?? [0n, 0n]
    totals.set(currency, [known[0] + BigInt(inMinor), known[1] + BigInt(outMinor)])
  }
  return [...totals].sort()
}
