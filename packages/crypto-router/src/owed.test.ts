import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readConflicts } from './conflicts.ts'
import { readRowFaults } from './faults.ts'
import { readRouterProgress } from './journal.ts'
import { compareTable } from './inspect/compare-table.ts'
import { repairRow } from './inspect/repair.ts'
import { carryOutDecisions, decideOwed, decideOwedOfKind, undoOwed } from './owed-decisions.ts'
import { countOwed, countReceipts, readOwed, readOwedLetGo } from './owed.ts'
import { shapeOf } from './shapes.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from './testing/device.ts'
import { dumpTable, insertMany, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const id = rowId(1)
const twin = shapeOf('transactions').twin
const now = 1_700_000_000_000

/** Two devices of a workspace with one row, which both have. */
async function scene() {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const a = await lab.open({ server, keys })
  const b = await lab.open({ server, keys })
  await insertTransaction(a.db, id, { payee: 'First' })
  await settleBoth(a, b)
  return { server, a, b }
}

async function settleBoth(...devices: readonly Device[]): Promise<void> {
  for (const device of [...devices, ...devices]) {
    await device.router.drain()
    await device.link.offerAndSync()
    await device.router.drain()
  }
}

const payees = async ({ db }: Device) =>
  (await db.getAll<{ payee: string }>('SELECT payee FROM transactions ORDER BY id')).map(
    ({ payee }) => payee,
  )

const edit = ({ db }: Device, payee: string) =>
  db.execute('UPDATE transactions SET payee = ? WHERE id = ?', [payee, id])

async function expectAtRest(...devices: readonly Device[]): Promise<void> {
  for (const { db } of devices) {
    expect(await readRouterProgress(db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
    expect(await countOwed(db)).toEqual({ lost: 0, returned: 0, forked: 0 })
    expect(await countReceipts(db)).toBe(0)
    expect(await readConflicts(db)).toEqual([])
    expect(await readRowFaults(db)).toEqual([])
  }
}

describe('an acknowledged change', () => {
  it('is owed until its row comes back, and then nothing is left of it', async () => {
    const { a } = await scene()
    await edit(a, 'Second')
    await a.router.drain()
    await a.link.offerTransaction()
    expect(await countReceipts(a.db)).toBe(1)
    await a.link.sync()
    await a.router.drain()
    await expectAtRest(a)
  })

  it('is redeemed by another row that was built on it', async () => {
    const { a, b } = await scene()
    await edit(a, 'Second')
    await a.router.drain()
    await a.link.offerTransaction()
    await settleBoth(b)
    await edit(b, 'Third')
    await settleBoth(b, a)
    expect(await payees(a)).toEqual(['Third'])
    await expectAtRest(a, b)
  })

  it('of a delete is redeemed by a checkpoint without the row', async () => {
    const { a, b } = await scene()
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [id])
    await settleBoth(a, b)
    expect(await payees(b)).toEqual([])
    await expectAtRest(a, b)
  })
})

describe('a server that says "applied" and drops it', () => {
  it('does not lose a new row: it stays, is named, and can be sent again', async () => {
    const { server, a, b } = await scene()
    server.drops = ({ op }) => op === 'PUT'
    await insertTransaction(a.db, rowId(2), { payee: 'New', amount: 9_007_199_254_740_993n })
    const before = await dumpTable(a.db, 'transactions')
    await settleBoth(a)
    expect(await dumpTable(a.db, 'transactions')).toEqual(before)
    expect(await readOwed(a.db, 9)).toMatchObject([
      {
        kind: 'lost',
        ground: 'acknowledged',
        table: 'transactions',
        id: rowId(2),
        workspaceId,
        mine: { payee: 'New', amount: 9_007_199_254_740_993n },
        theirs: null,
      },
    ])
    server.drops = () => false
    await decideOwed(a.db, 'transactions', rowId(2), 'mine', now)
    await settleBoth(a, b)
    expect(await dumpTable(b.db, 'transactions')).toEqual(before)
    await expectAtRest(a, b)
  })

  it('does not take back an edit', async () => {
    const { server, a, b } = await scene()
    server.drops = ({ op }) => op === 'PATCH'
    await edit(a, 'Second')
    await settleBoth(a)
    expect(await payees(a)).toEqual(['Second'])
    expect(await readOwed(a.db, 9)).toMatchObject([
      { kind: 'lost', mine: { payee: 'Second' }, theirs: { payee: 'First' } },
    ])
    server.drops = () => false
    await decideOwed(a.db, 'transactions', id, 'mine', now)
    await settleBoth(a, b)
    expect(await payees(b)).toEqual(['Second'])
    expect(server.row(twin, id)?.['revision']).toBe(3)
    await expectAtRest(a, b)
  })

  it('does not bring a deleted row back', async () => {
    const { server, a, b } = await scene()
    server.drops = ({ op }) => op === 'DELETE'
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [id])
    await settleBoth(a)
    expect(await payees(a)).toEqual([])
    expect(await readOwed(a.db, 9)).toMatchObject([
      { kind: 'returned', ground: 'acknowledged', mine: null, theirs: { payee: 'First' } },
    ])
    server.drops = () => false
    await decideOwed(a.db, 'transactions', id, 'mine', now)
    await settleBoth(a, b)
    expect(await payees(b)).toEqual([])
    await expectAtRest(a, b)
  })

  it('lets go on request, and that can be undone', async () => {
    const { server, a } = await scene()
    server.drops = () => true
    await edit(a, 'Second')
    await insertTransaction(a.db, rowId(2), { payee: 'New' })
    await settleBoth(a)
    await decideOwedOfKind(a.db, 'lost', 'theirs', now)
    await settleBoth(a)
    expect(await payees(a)).toEqual(['First'])
    await expectAtRest(a)
    expect(await readOwedLetGo(a.db, 9)).toHaveLength(2)
    for (const row of [id, rowId(2)]) await undoOwed(a.db, 'transactions', row)
    expect(await payees(a)).toEqual(['Second', 'New'])
    expect(await countOwed(a.db)).toMatchObject({ lost: 2 })
    await settleBoth(a)
    expect(await payees(a)).toEqual(['Second', 'New'])
    server.drops = () => false
    await decideOwedOfKind(a.db, 'lost', 'mine', now)
    await settleBoth(a)
    await expectAtRest(a)
  })

  it('keeps an edit that was made before the loss was found, and sends nothing meanwhile', async () => {
    const { server, a, b } = await scene()
    server.drops = ({ op }) => op === 'PATCH'
    await edit(a, 'Second')
    await a.router.drain()
    await a.link.offerTransaction()
    await a.link.sync()
    await edit(a, 'Third')
    await settleBoth(a)
    const uploads = server.uploads.length
    await edit(a, 'Fourth')
    await settleBoth(a)
    expect(await payees(a)).toEqual(['Fourth'])
    expect(server.uploads).toHaveLength(uploads)
    expect(await countOwed(a.db)).toMatchObject({ lost: 1 })
    server.drops = () => false
    await decideOwed(a.db, 'transactions', id, 'mine', now)
    await settleBoth(a, b)
    expect(await payees(b)).toEqual(['Fourth'])
    await expectAtRest(a, b)
  })

  it('that has it after all is followed again', async () => {
    const { server, a } = await scene()
    const dropped: Parameters<MiniServer['set']>[] = []
    server.drops = ({ table, data }) => {
      dropped.push([table, id, { ...server.row(twin, id), ...(data as object) }])
      return true
    }
    await edit(a, 'Second')
    await settleBoth(a)
    expect(await countOwed(a.db)).toMatchObject({ lost: 1 })
    server.set(...dropped[0]!)
    await settleBoth(a)
    expect(await payees(a)).toEqual(['Second'])
    await expectAtRest(a)
  })

  it('of hundreds of rows has them all sent again by one decision', async () => {
    const { server, a, b } = await scene()
    server.drops = () => true
    await insertMany(a.db, 1_200, 100)
    await settleBoth(a)
    expect(await countOwed(a.db)).toEqual({ lost: 1_200, returned: 0, forked: 0 })
    server.drops = () => false
    await decideOwedOfKind(a.db, 'lost', 'mine', now)
    await settleBoth(a, b)
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
    await expectAtRest(a, b)
  })
})

describe('a device that is killed', () => {
  const moments = ['before the receipt', 'before the queue', 'after the queue'] as const
  it.each(moments)('%s finds its row stored, owed or queued', async (moment) => {
    for (const drops of [false, true]) {
      const { server, a, b } = await scene()
      server.drops = () => drops
      await edit(a, 'Second')
      await a.router.drain()
      if (moment === 'before the receipt') await a.link.offerTransaction('die-before-receipt')
      else
        await a.link.offerTransaction(moment === 'before the queue' ? 'die-before-complete' : null)
      const restarted = { ...a, router: lab.takeOver(a) }
      await settleBoth(restarted)
      expect(await payees(a)).toEqual(['Second'])
      expect(await countOwed(a.db)).toMatchObject({ lost: drops ? 1 : 0 })
      server.drops = () => false
      await decideOwedOfKind(a.db, 'lost', 'mine', now)
      await settleBoth(restarted, b)
      expect(await payees(b)).toEqual(['Second'])
      await expectAtRest(a, b)
    }
  })

  it('within a decision about many rows goes on with it', async () => {
    const { server, a, b } = await scene()
    server.drops = () => true
    await insertMany(a.db, 600, 100)
    await settleBoth(a)
    server.drops = () => false
    // The decision is there, and the first transaction of carrying it out.
    await a.db.execute(`UPDATE router_owed SET choice = 'mine' WHERE state = 'lost'`)
    await a.db.writeTransaction((tx) => carryOutDecisions(tx, 100, now))
    await settleBoth({ ...a, router: lab.takeOver(a) })
    await settleBoth(a, b)
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
    await expectAtRest(a, b)
  })
})

describe('a comparison', () => {
  it('names what the server owes, and its repair leaves it to the person', async () => {
    const { server, a } = await scene()
    server.drops = () => true
    await insertTransaction(a.db, rowId(2), { payee: 'New' })
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [id])
    await settleBoth(a)
    const { differing } = await compareTable(
      a.db,
      shapeOf('transactions'),
      { get: (given) => a.keys.get(given) },
      {
        workspaceId,
        signal: new AbortController().signal,
        onRows: () => undefined,
      },
    )
    expect(differing.map(({ id, verdict }) => [id, verdict.kind]).sort()).toEqual([
      [id, 'server-returned'],
      [rowId(2), 'server-lost'],
    ])
    const repair = {
      table: 'transactions',
      keys: { get: (given: string) => a.keys.get(given) },
      now,
    }
    for (const row of [id, rowId(2)]) {
      const input = { ...repair, id: row, server: { row: null, deletedRevision: 2 } }
      expect(await a.db.writeTransaction((tx) => repairRow(tx, input))).toEqual({
        did: 'left',
        why: 'needs-decision',
      })
    }
  })
})

describe('a delete', () => {
  it('is not undone by the row that it removed, nor by an older one', async () => {
    const { server, a, b } = await scene()
    const served = server.row(twin, id)!
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [id])
    await settleBoth(a, b)
    server.set(twin, id, served)
    await settleBoth(a, b)
    for (const device of [a, b]) {
      expect(await payees(device)).toEqual([])
      expect(await readOwed(device.db, 9)).toMatchObject([{ kind: 'returned' }])
    }
    await decideOwed(a.db, 'transactions', id, 'theirs', now)
    await settleBoth(a)
    expect(await payees(a)).toEqual(['First'])
    await undoOwed(a.db, 'transactions', id)
    expect(await payees(a)).toEqual([])
    await decideOwed(a.db, 'transactions', id, 'mine', now)
    await settleBoth(a, b)
    await expectAtRest(a, b)
    expect(await payees(b)).toEqual([])
  })

  it('gives way to a row that somebody brought back', async () => {
    const { a, b } = await scene()
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [id])
    await settleBoth(a, b)
    await insertTransaction(b.db, id, { payee: 'Back' })
    await settleBoth(b, a)
    expect(await payees(a)).toEqual(['Back'])
    await expectAtRest(a, b)
  })
})

describe('an accepted revision with another seal', () => {
  it('is kept apart with both versions, and the good row stays', async () => {
    const { server, a, b } = await scene()
    const other = await lab.open({ server: new MiniServer(), keys: [...a.keys.values()] })
    await insertTransaction(other.db, id, { payee: 'Fork' })
    await settleBoth(other)
    server.set(twin, id, other.link.server.row(twin, id)!)
    await settleBoth(a, b)
    for (const device of [a, b]) {
      expect(await payees(device)).toEqual(['First'])
      expect(await readOwed(device.db, 9)).toMatchObject([
        { kind: 'forked', mine: { payee: 'First' }, theirs: { payee: 'Fork' } },
      ])
    }
    await decideOwed(a.db, 'transactions', id, 'mine', now)
    await settleBoth(a, b)
    expect(await payees(b)).toEqual(['First'])
    await expectAtRest(a, b)
  })

  it('is followed where the person takes the other one', async () => {
    const { server, a } = await scene()
    const other = await lab.open({ server: new MiniServer(), keys: [...a.keys.values()] })
    await insertTransaction(other.db, id, { payee: 'Fork' })
    await settleBoth(other)
    server.set(twin, id, other.link.server.row(twin, id)!)
    await settleBoth(a)
    await decideOwed(a.db, 'transactions', id, 'theirs', now)
    await settleBoth(a)
    expect(await payees(a)).toEqual(['Fork'])
    await expectAtRest(a)
  })
})
