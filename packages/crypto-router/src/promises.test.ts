import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readRouterProgress, type RouterProgress } from './journal.ts'
import { shapeOf } from './shapes.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from './testing/device.ts'
import {
  count,
  dumpTable,
  insertAccount,
  insertMany,
  insertTransaction,
  rowId,
} from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const exactAmounts = [
  0n,
  2n ** 31n,
  -(2n ** 31n) - 1n,
  10n ** 15n,
  10n ** 15n + 1n,
  9_000_000_000_055n,
  2n ** 53n - 1n,
  -(2n ** 53n) + 1n,
]
const patience = { interval: 10, timeout: 20_000 }

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

async function twoDevices(): Promise<{ a: Device; b: Device; server: MiniServer }> {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  return { server, a: await lab.open({ server, keys }), b: await lab.open({ server, keys }) }
}

describe('promise 1: exactly what changed', () => {
  it('carries inserts, edits and deletes to another device, digit by digit', async () => {
    const { a, b } = await twoDevices()
    await insertAccount(a.db, rowId(1), 'Ünïcode ✓', '9000000000055')
    await insertTransaction(a.db, rowId(2), { payee: 'Kept', note: 'n'.repeat(3_000) })
    await insertTransaction(a.db, rowId(3), { payee: 'Dropped' })
    await a.settle()
    await b.settle()
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
    await a.db.execute(`UPDATE transactions SET payee = 'Edited' WHERE id = ?`, [rowId(2)])
    await a.db.execute(`DELETE FROM transactions WHERE id = ?`, [rowId(3)])
    await a.settle()
    await b.settle()
    for (const table of ['transactions', 'accounts']) {
      expect(await dumpTable(b.db, table)).toEqual(await dumpTable(a.db, table))
    }
    expect(await count(b.db, 'transactions')).toBe(1)
  })

  it('keeps amounts exact to 2^53 through both devices and back', async () => {
    const { a, b } = await twoDevices()
    const amounts = exactAmounts.map((amount, index) => ({ id: rowId(index), amount }))
    for (const { id, amount } of amounts) await insertTransaction(a.db, id, { amount })
    await a.settle()
    await b.settle()
    const read = `SELECT id, CAST(amount AS TEXT) AS amount FROM transactions ORDER BY id`
    const expected = amounts.map(({ id, amount }) => ({ id, amount: amount.toString() }))
    expect(await b.db.getAll(read)).toEqual(expected)
    await b.db.execute(`UPDATE transactions SET note = 'seen'`)
    await b.settle()
    await a.settle()
    expect(await a.db.getAll(read)).toEqual(expected)
    expect(a.router.totals()).toEqual({ sealed: amounts.length, opened: amounts.length })
  })

  it('costs what was changed, not what is there', async () => {
    const { a, b } = await twoDevices()
    await insertMany(a.db, 1_000)
    await a.settle()
    await b.settle()
    const before = [a.router.totals(), b.router.totals()]
    await a.db.execute(`UPDATE transactions SET payee = 'one' WHERE id = ?`, [rowId(7)])
    await a.settle()
    await b.settle()
    expect(a.router.totals()).toEqual({ sealed: before[0]!.sealed + 1, opened: before[0]!.opened })
    expect(b.router.totals()).toEqual({ sealed: before[1]!.sealed, opened: before[1]!.opened + 1 })
  })

  it('seals nothing for an update that changes nothing', async () => {
    const { a } = await twoDevices()
    await insertTransaction(a.db, rowId(1))
    await a.settle()
    await a.db.execute(`UPDATE transactions SET payee = payee`)
    await a.settle()
    expect(a.router.totals()).toEqual({ sealed: 1, opened: 0 })
    expect(a.link.server.uploads).toHaveLength(1)
  })

  it('reads rows as they are now: ten edits before a step are one entry', async () => {
    const { a } = await twoDevices()
    await insertTransaction(a.db, rowId(1))
    for (let edit = 0; edit < 10; edit++) {
      await a.db.execute(`UPDATE transactions SET note = ?`, [`edit ${edit}`])
    }
    await insertTransaction(a.db, rowId(2))
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [rowId(2)])
    await a.settle()
    expect(a.link.server.uploads.map(({ op, id }) => [op, id])).toEqual([['PUT', rowId(1)]])
  })

  it('uploads parents first, and deletes children first', async () => {
    const { a } = await twoDevices()
    await insertTransaction(a.db, rowId(2))
    await insertAccount(a.db, rowId(1), 'Parent')
    await a.settle()
    await a.db.execute('DELETE FROM accounts')
    await a.db.execute('DELETE FROM transactions')
    await a.settle()
    expect(a.link.server.uploads.map(({ op, table }) => `${op} ${table}`)).toEqual([
      'PUT accounts_encrypt',
      'PUT transactions_encrypt',
      'DELETE transactions_encrypt',
      'DELETE accounts_encrypt',
    ])
  })

  it('counts revisions from the twin and sends what they are based on', async () => {
    const { a, b } = await twoDevices()
    await insertTransaction(a.db, rowId(1))
    await a.settle()
    await b.settle()
    await b.db.execute(`UPDATE transactions SET note = 'x'`)
    await b.settle()
    await b.db.execute('DELETE FROM transactions')
    await b.settle()
    await insertTransaction(b.db, rowId(1))
    await b.settle()
    const { uploads } = b.link.server
    expect(
      uploads.map(({ op, data, previousRevision }) => [op, data['revision'], previousRevision]),
    ).toEqual([
      ['PUT', 1, undefined],
      ['PATCH', 2, 1],
      ['DELETE', undefined, 2],
      // The server remembers the delete as a revision of its own.
      ['PUT', 4, undefined],
    ])
    await a.settle()
    expect(await count(a.db, 'transactions')).toBe(1)
  })
})

describe('promise 2: no echo', () => {
  it('seals nothing that it opened and opens nothing that it sealed', async () => {
    const { a, b } = await twoDevices()
    await insertMany(a.db, 1_200)
    for (let round = 0; round < 3; round++) {
      await a.settle()
      await b.settle()
    }
    expect(a.router.totals()).toEqual({ sealed: 1_200, opened: 0 })
    expect(b.router.totals()).toEqual({ sealed: 0, opened: 1_200 })
    expect(a.link.server.uploads).toHaveLength(1_200)
    expect(await readRouterProgress(a.db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
  })

  it('lets its own edit come back from the server without opening it', async () => {
    const { a } = await twoDevices()
    await insertTransaction(a.db, rowId(1))
    await a.settle()
    await a.db.execute(`UPDATE transactions SET note = 'again'`)
    await a.settle()
    await a.settle()
    expect(a.router.totals()).toEqual({ sealed: 2, opened: 0 })
  })
})

describe('promise 3: nothing lost at a crash', () => {
  it('leaves both tables and the journals untouched when a step fails half way', async () => {
    const { a } = await twoDevices()
    await insertMany(a.db, 5)
    // The disk fails while the twins are being written.
    await a.db.execute(
      `CREATE TRIGGER break_twin AFTER INSERT ON ps_data__transactions_encrypt
        WHEN NEW.id = '${rowId(4)}' BEGIN SELECT RAISE(ABORT, 'disk'); END`,
    )
    await expect(a.router.drain()).rejects.toThrow()
    expect(await count(a.db, 'ps_data__transactions_encrypt')).toBe(0)
    expect(await count(a.db, 'ps_crud')).toBe(0)
    expect(await count(a.db, 'router_seen')).toBe(0)
    expect((await readRouterProgress(a.db)).pendingSeal).toBe(5)
    await a.db.execute('DROP TRIGGER break_twin')
    await a.router.drain()
    expect(await count(a.db, 'ps_crud')).toBe(5)
  })

  it('stays deaf to nobody when opening fails half way', async () => {
    const { a, b } = await twoDevices()
    await insertMany(a.db, 5)
    await a.settle()
    await b.link.sync()
    await b.db.execute(
      `CREATE TRIGGER break_local AFTER INSERT ON ps_data_local__transactions
        WHEN NEW.id = '${rowId(4)}' BEGIN SELECT RAISE(ABORT, 'disk'); END`,
    )
    await expect(b.router.drain()).rejects.toThrow()
    expect(await b.db.get('SELECT mute FROM router_control')).toEqual({ mute: 0 })
    expect((await readRouterProgress(b.db)).pendingOpen).toBe(5)
    await b.db.execute('DROP TRIGGER break_local')
    await b.settle()
    expect(await count(b.db, 'transactions')).toBe(5)
  })
})

describe('promise 4: one writer', () => {
  it('lets another router take over in the middle', async () => {
    const { a, server } = await twoDevices()
    const second = lab.takeOver(a)
    await insertMany(a.db, 2_000)
    a.router.start()
    await expect.poll(() => count(a.db, 'ps_crud'), patience).toBeGreaterThan(0)
    await a.router.stop()
    await second.drain()
    await a.link.upload()
    expect(new Set(server.uploads.map(({ id }) => id)).size).toBe(2_000)
    expect(server.uploads).toHaveLength(2_000)
  })

  it('does everything once even if two routed at the same time', async () => {
    const { a, server } = await twoDevices()
    const second = lab.takeOver(a)
    a.router.start()
    second.start()
    for (let burst = 0; burst < 8; burst++) await insertMany(a.db, 250, burst * 250 + 1)
    await expect.poll(async () => (await readRouterProgress(a.db)).pendingSeal, patience).toBe(0)
    await Promise.all([a.router.stop(), second.stop()])
    await a.link.upload()
    expect(server.uploads).toHaveLength(2_000)
    expect(a.router.totals().sealed + second.totals().sealed).toBe(2_000)
  })
})

describe('promise 5: no stall', () => {
  it('keeps upload transactions small and opens parents, then newest, first', async () => {
    const server = new MiniServer()
    const keys = [newWorkspaceKeys(workspaceId)]
    const a = await lab.open({ server, keys })
    const tuning = { openRows: 100, openTransactionRows: 200 }
    const b = await lab.open({ server, keys, tuning })
    await insertMany(a.db, 1_200)
    await insertAccount(a.db, rowId(9_999), 'Parent')
    await a.router.drain()
    const sizes = await a.db.getAll('SELECT count(*) AS n FROM ps_crud GROUP BY tx_id')
    expect(sizes).toEqual([{ n: 500 }, { n: 500 }, { n: 201 }])
    await a.link.sync()
    await b.link.sync()
    const dates: string[] = []
    await b.db.execute('CREATE TABLE opened(seq INTEGER PRIMARY KEY, day TEXT)')
    await b.db.execute(
      `CREATE TRIGGER opened_log AFTER INSERT ON ps_data_local__transactions
        BEGIN INSERT INTO opened(day) VALUES (json_extract(NEW.data, '$.occurred_on')); END`,
    )
    await b.db.execute(
      `CREATE TRIGGER opened_parent AFTER INSERT ON ps_data_local__accounts
        BEGIN INSERT INTO opened(day) VALUES ('parent'); END`,
    )
    await b.router.drain()
    const opened = await b.db.getAll<{ day: string }>('SELECT day FROM opened ORDER BY seq')
    dates.push(...opened.map(({ day }) => day))
    expect(dates[0]).toBe('parent')
    expect(dates.slice(1)).toEqual([...dates.slice(1)].sort().reverse())
    expect(dates).toHaveLength(1_201)
  })

  it('tells how much is left after every transaction', async () => {
    const { a } = await twoDevices()
    const left: number[] = []
    const watched = lab.takeOver(a, { onProgress: ({ pendingSeal }) => left.push(pendingSeal) })
    await insertMany(a.db, 1_200)
    await watched.drain()
    expect(left).toEqual([700, 200, 0])
  })

  it('opens in few transactions while nobody waits, and in many while somebody does', async () => {
    const { a, b } = await twoDevices()
    await insertMany(a.db, 1_200)
    await a.settle()
    const transactions = async (isAwaited: () => Promise<boolean>) => {
      await b.link.sync()
      const left: number[] = []
      const tuning = { openRows: 100, openTransactionRows: 1_000, openTransactionMs: 0 }
      const onProgress = ({ pendingOpen }: RouterProgress) => left.push(pendingOpen)
      await lab.takeOver(b, { onProgress, isAwaited, tuning }).drain()
      await b.db.execute('UPDATE router_seen SET seal = NULL')
      await b.db.execute(
        `INSERT INTO router_in(tbl, id, rank, newest)
          SELECT 'transactions', id, ${shapeOf('transactions').rank}, occurred_on FROM transactions`,
      )
      return left
    }
    expect(await transactions(() => Promise.resolve(false))).toEqual([1_100, 100, 0])
    expect((await transactions(() => Promise.resolve(true))).length).toBeGreaterThan(5)
    expect((await transactions(() => Promise.reject(new Error('no')))).length).toBeGreaterThan(5)
    expect(await count(b.db, 'transactions')).toBe(1_200)
  })

  it('wakes by itself for local writes and for sync, and never misses one', async () => {
    const { a, b } = await twoDevices()
    a.router.start()
    b.router.start()
    for (let round = 1; round <= 5; round++) {
      await insertTransaction(a.db, rowId(round))
      await expect.poll(() => count(a.db, 'ps_crud'), patience).toBe(1)
      await a.link.sync()
      await b.link.sync()
      await expect.poll(() => count(b.db, 'transactions'), patience).toBe(round)
    }
  })
})

describe('promise 6: locked is safe', () => {
  it('keeps ciphertext waiting without keys, and catches up when they arrive', async () => {
    const server = new MiniServer()
    const keys = newWorkspaceKeys(workspaceId)
    const a = await lab.open({ server, keys: [keys] })
    const b = await lab.open({ server, keys: [] })
    await insertMany(a.db, 1_100)
    await a.settle()
    await b.settle()
    expect(await count(b.db, 'transactions')).toBe(0)
    expect(await readRouterProgress(b.db)).toEqual({
      pendingSeal: 0,
      pendingOpen: 1_100,
      faulty: 1_100,
    })
    b.router.start()
    b.keys.set(workspaceId, keys)
    b.router.wake()
    await expect.poll(() => count(b.db, 'transactions'), patience).toBe(1_100)
    expect(await readRouterProgress(b.db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
  })

  it('keeps a local write that was made without keys, and seals it later', async () => {
    const server = new MiniServer()
    const a = await lab.open({ server, keys: [] })
    await insertTransaction(a.db, rowId(1))
    await a.settle()
    expect(server.uploads).toHaveLength(0)
    a.keys.set(workspaceId, newWorkspaceKeys(workspaceId))
    await a.settle()
    expect(server.uploads).toHaveLength(1)
  })
})
