import type { PowerSyncDatabase } from '@powersync/node'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installDayTotals } from './day-totals.ts'
import { takeRow, updateRow, writeRows } from './rows.ts'
import { openTestDatabase } from './testing.ts'

const workspaceId = '00000000-0000-4000-8000-000000000001'
const accounts = [1, 2].map((n) => `00000000-0000-4000-8000-00000000010${n}`)
const days = ['2026-01-31', '2026-02-01', '2026-02-02']
const kinds = ['expense', 'income'] as const

const transaction = fc.record({
  account_id: fc.constantFrom(...accounts),
  occurred_on: fc.constantFrom(...days),
  kind: fc.constantFrom(...kinds),
  amount: fc.oneof(
    fc.constant(null),
    fc.bigInt(-9_000_000_000_055n, 9_000_000_000_055n),
    fc.constantFrom(2n ** 31n, -(2n ** 31n), 10n ** 15n + 1n, 2n ** 53n - 1n),
    // What only a faulty device writes.
    fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)),
  ),
})
const edit = fc.oneof(
  fc.record({ op: fc.constant('insert' as const), row: transaction }),
  fc.record({ op: fc.constant('update' as const), at: fc.nat(), row: transaction }),
  fc.record({ op: fc.constant('note' as const), at: fc.nat() }),
  fc.record({ op: fc.constant('delete' as const), at: fc.nat() }),
  fc.record({ op: fc.constant('mute' as const), mute: fc.constantFrom(0, 1) }),
)

interface Total {
  account_id: string
  day: string
  income: bigint
  expense: bigint
  count: bigint
}

describe('day totals', () => {
  let db: PowerSyncDatabase

  beforeEach(async () => {
    db = await openTestDatabase()
  })

  afterEach(async () => {
    await db.close()
  })

  it('equal a scan after any edits', async () => {
    await installDayTotals(db)
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 30 }), async (edits) => {
        await db.execute('DELETE FROM transactions')
        await applyEdits(edits)
        expect(await totals()).toEqual(await scan())
      }),
      { numRuns: 25 },
    )
  })

  it('are filled from the rows that were there before them', async () => {
    await applyEdits(fc.sample(edit, { numRuns: 60, seed: 7 }))
    await installDayTotals(db)
    const before = await scan()
    expect(before.length).toBeGreaterThan(0)
    expect(await totals()).toEqual(before)
  })

  it('stay as they are when they are installed again', async () => {
    await installDayTotals(db)
    await applyEdits(fc.sample(edit, { numRuns: 60, seed: 8 }))
    await installDayTotals(db)
    expect(await totals()).toEqual(await scan())
  })

  it('follow a row that is replaced underneath the view', async () => {
    await installDayTotals(db)
    await applyEdits(fc.sample(edit, { numRuns: 20, seed: 9 }))
    await db.execute(
      `INSERT OR REPLACE INTO ps_data_local__transactions (id, data)
        SELECT id, json_set(data, '$.amount', -7) FROM ps_data_local__transactions WHERE true`,
    )
    expect(await totals()).toEqual(await scan())
  })

  it('are filled and kept however large the sums become', async () => {
    const large = {
      workspace_id: workspaceId,
      account_id: accounts[0]!,
      occurred_on: days[0]!,
      kind: 'income',
      status: 'cleared',
      amount: 2n ** 53n - 1n,
    } as const
    const third = Array.from({ length: 1_050 }, () => large)
    await writeRows(db, 'transactions', third)
    await installDayTotals(db)
    await writeRows(db, 'transactions', third)
    await mute(1)
    await writeRows(db, 'transactions', third)
    await mute(0)
    const [filled] = await db.getAll<{ income: number; count: number }>(
      'SELECT total(income) AS income, total(count) AS count FROM day_totals',
    )
    expect(filled?.count).toBe(3_150)
    expect((filled?.income ?? 0) / 2 ** 53).toBeCloseTo(3_150)
    await writeRows(db, 'transactions', [{ ...large, occurred_on: days[1]!, amount: 7n }])
    expect(
      await db.getAll('SELECT day, count, iif(count = 1, income, 0) AS income FROM day_totals'),
    ).toEqual([
      { day: days[0], count: 3_150, income: 0 },
      { day: days[1], count: 1, income: 7 },
    ])
  })

  it.each([
    ['one by one', 0],
    ['in bulk', 1],
  ])('tell which days changed since, whatever changed in them %s', async (_, muted) => {
    await installDayTotals(db)
    const row = { account_id: accounts[0]!, kind: 'expense' as const, amount: -1n }
    await applyEdits([
      { op: 'insert', row: { ...row, occurred_on: days[0]! } },
      { op: 'insert', row: { ...row, occurred_on: days[1]! } },
    ])
    const changedBy = async (change: string) => {
      const { seq } = await db.get<{ seq: number }>('SELECT max(seq) AS seq FROM day_totals')
      await mute(muted)
      await db.execute(`${change} WHERE occurred_on = '${days[0]}'`)
      await mute(0)
      const changed = await db.getAll<{ day: string }>(
        'SELECT day FROM day_totals WHERE seq > ? ORDER BY day',
        [seq],
      )
      return changed.map(({ day }) => day)
    }
    expect(await changedBy("UPDATE transactions SET note = 'x'")).toEqual([days[0]])
    expect(await changedBy('UPDATE transactions SET amount = -2')).toEqual([days[0]])
    expect(await changedBy(`UPDATE transactions SET occurred_on = '${days[2]}'`)).toEqual([
      days[0],
      days[2],
    ])
    await db.execute(`UPDATE transactions SET occurred_on = '${days[0]}'`)
    expect(await changedBy('DELETE FROM transactions')).toEqual([days[0]])
  })

  it('wake a live query that reads only them', async () => {
    await installDayTotals(db)
    const seen: number[] = []
    const stop = new AbortController()
    const arrived = new Promise<void>((resolve) => {
      db.watchWithCallback(
        'SELECT count(*) AS days FROM day_totals',
        [],
        {
          onResult: (result) => {
            seen.push((result.rows?.item(0) as { days: number }).days)
            if (seen.length === 1) void applyEdits(fc.sample(insertOnly, { numRuns: 1, seed: 1 }))
            else resolve()
          },
        },
        { signal: stop.signal },
      )
    })
    await arrived
    stop.abort()
    expect(seen).toEqual([0, 1])
  })

  const insertOnly = fc.record({ op: fc.constant('insert' as const), row: transaction })

  async function applyEdits(
    edits: readonly (typeof edit extends fc.Arbitrary<infer E> ? E : never)[],
  ) {
    const ids: string[] = []
    for (const change of edits) {
      if (change.op === 'insert') {
        const row = {
          ...change.row,
          amount: 0n,
          workspace_id: workspaceId,
          category_id: null,
          status: 'cleared' as const,
        }
        const written = await writeRows(db, 'transactions', [row])
        if (!written.ok) throw new Error(written.error.kind)
        ids.push(...written.value)
        await setAmount(written.value[0], change.row.amount)
        continue
      }
      if (change.op === 'mute') {
        await mute(change.mute)
        continue
      }
      const id = ids[change.at % Math.max(ids.length, 1)]
      if (id === undefined) continue
      if (change.op === 'delete') await takeRow(db, 'transactions', id)
      else if (change.op === 'note') await updateRow(db, 'transactions', id, { note: 'x' })
      else {
        const { amount, ...others } = change.row
        await updateRow(db, 'transactions', id, others)
        await setAmount(id, amount)
      }
    }
    await mute(0)
  }

  /** As the router does around the rows that it opens. */
  async function mute(value: number) {
    await db.execute('UPDATE router_control SET mute = ?', [value])
  }

  /** Past the rules, as a row is opened that another device wrote. */
  async function setAmount(id: string | undefined, amount: bigint | null) {
    await db.execute('UPDATE transactions SET amount = CAST(? AS INTEGER) WHERE id = ?', [
      amount === null ? null : String(amount),
      id,
    ])
  }

  async function totals(): Promise<Total[]> {
    return exact(
      await db.getAll(`SELECT account_id, day, CAST(income AS TEXT) AS income,
        CAST(expense AS TEXT) AS expense, CAST(count AS TEXT) AS count
        FROM day_totals WHERE count <> 0 OR income <> 0 OR expense <> 0 ORDER BY account_id, day`),
    )
  }

  async function scan(): Promise<Total[]> {
    return exact(
      await db.getAll(`SELECT account_id, occurred_on AS day,
        CAST(sum(CASE kind WHEN 'income' THEN amount ELSE 0 END) AS TEXT) AS income,
        CAST(sum(CASE kind WHEN 'expense' THEN amount ELSE 0 END) AS TEXT) AS expense,
        CAST(count(*) AS TEXT) AS count
        FROM (SELECT account_id, occurred_on, kind, CASE
          WHEN amount > -9007199254740992 AND amount < 9007199254740992 THEN amount ELSE 0 END AS amount
          FROM transactions) GROUP BY account_id, occurred_on ORDER BY account_id, day`),
    )
  }
})

function exact(
  rows: Record<'account_id' | 'day' | 'income' | 'expense' | 'count', string>[],
): Total[] {
  return rows.map((row) => ({
    account_id: row.account_id,
    day: row.day,
    income: BigInt(row.income),
    expense: BigInt(row.expense),
    count: BigInt(row.count),
  }))
}
