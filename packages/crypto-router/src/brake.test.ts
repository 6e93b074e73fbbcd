import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answerBrake } from './brake-answers.ts'
import { countedMs, readBrakes, recordDeed } from './brake.ts'
import { countOwed } from './owed.ts'
import { shapeOf } from './shapes.ts'
import {
  DeviceLab,
  newWorkspaceKeys,
  personId,
  workspaceId,
  type Device,
} from './testing/device.ts'
import { count, dumpTable, insertMany, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const { twin } = shapeOf('transactions')
const ids = (first: number, many: number) =>
  Array.from({ length: many }, (_, i) => rowId(first + i))

async function settle(...devices: readonly Pick<Device, 'router' | 'link'>[]): Promise<void> {
  for (const device of [...devices, ...devices]) {
    await device.router.drain()
    await device.link.offerAndSync()
    await device.router.drain()
  }
}

/** Two devices with 100 transactions. */
async function scene() {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const a = await lab.open({ server, keys })
  const b = await lab.open({ server, keys })
  await insertMany(a.db, 100)
  await settle(a, b)
  return { server, a, b }
}

const deleteFirst = ({ db }: Device, many: number, first = 1) =>
  db.execute('DELETE FROM transactions WHERE id IN (SELECT value FROM json_each(?))', [
    JSON.stringify(ids(first, many)),
  ])

const rows = ({ db }: Device) => count(db, 'transactions')

describe('many rows deleted on this device without a deed', () => {
  it('are not deleted elsewhere until the person says so', async () => {
    const { server, a, b } = await scene()
    await deleteFirst(a, 30)
    await settle(a, b)
    expect(server.uploads.filter(({ op }) => op === 'DELETE')).toEqual([])
    expect(await readBrakes(a.db)).toMatchObject([
      { direction: 'out', ground: 'many', table: 'transactions', workspaceId, rows: 30, of: 100 },
    ])
    // Everything else goes on.
    await a.db.execute(`UPDATE transactions SET payee = 'Edited' WHERE id = ?`, [rowId(100)])
    await settle(a, b)
    expect(await b.db.get('SELECT payee FROM transactions WHERE id = ?', [rowId(100)])).toEqual({
      payee: 'Edited',
    })
    const [brake] = await readBrakes(a.db)
    await answerBrake(a.db, brake!, 'delete')
    await settle(a)
    expect(await readBrakes(a.db)).toEqual([])
    expect(server.rows.size).toBe(70)
  })

  it('come back where the person keeps them', async () => {
    const { server, a } = await scene()
    const before = await dumpTable(a.db, 'transactions')
    await deleteFirst(a, 100)
    await settle(a)
    const [brake] = await readBrakes(a.db)
    await answerBrake(a.db, brake!, 'keep')
    await settle(a)
    expect(await dumpTable(a.db, 'transactions')).toEqual(before)
    expect(await readBrakes(a.db)).toEqual([])
    expect(server.rows.size).toBe(100)
  })

  it('are counted over small steps, and forgotten after an hour', async () => {
    const { server, a } = await scene()
    let clock = 1_700_000_000_000
    const later = { ...a, router: lab.takeOver(a, { now: () => clock, authorId: personId }) }
    await deleteFirst(a, 15)
    await settle(later)
    expect(server.rows.size).toBe(85)
    await deleteFirst(a, 15, 16)
    await settle(later)
    expect(server.rows.size).toBe(85)
    expect(await readBrakes(a.db)).toMatchObject([{ rows: 15 }])
    clock += countedMs + 1
    await settle(later)
    expect(server.rows.size).toBe(70)
  })

  it('pass with a deed in the same transaction', async () => {
    const { server, a } = await scene()
    await a.db.writeTransaction(async (tx) => {
      await recordDeed(tx, 'transactions', ids(1, 90))
      await tx.execute('DELETE FROM transactions WHERE id IN (SELECT value FROM json_each(?))', [
        JSON.stringify(ids(1, 90)),
      ])
    })
    await settle(a)
    expect(server.rows.size).toBe(10)
    expect(await readBrakes(a.db)).toEqual([])
    expect(await a.db.getAll('SELECT * FROM router_deeds')).toEqual([])
    // And it does not count for what comes after it.
    expect(await a.db.getAll('SELECT * FROM router_passed')).toEqual([])
  })
})

describe('many rows that the server says were deleted', () => {
  it('stay until the person lets them go', async () => {
    const { server, a, b } = await scene()
    for (const id of ids(1, 40)) server.set(twin, id, null)
    await settle(b)
    expect(await rows(b)).toBe(100)
    expect(await readBrakes(b.db)).toMatchObject([
      { direction: 'in', ground: 'many', table: 'transactions', workspaceId, rows: 40, of: 100 },
    ])
    const [brake] = await readBrakes(b.db)
    await answerBrake(b.db, brake!, 'delete')
    await settle(b)
    expect(await rows(b)).toBe(60)
    expect(await readBrakes(b.db)).toEqual([])
    expect(await rows(a)).toBe(100)
  })

  it('are sent again where the person keeps them', async () => {
    const { server, a, b } = await scene()
    const before = await dumpTable(b.db, 'transactions')
    for (const id of ids(1, 40)) server.set(twin, id, null)
    await settle(b)
    const [brake] = await readBrakes(b.db)
    await answerBrake(b.db, brake!, 'keep')
    await settle(b)
    expect(server.rows.size).toBe(100)
    await settle(a)
    for (const { db } of [a, b]) {
      expect(await dumpTable(db, 'transactions')).toEqual(before)
      expect(await readBrakes(db)).toEqual([])
      expect(await countOwed(db)).toEqual({ lost: 0, returned: 0, forked: 0 })
    }
  })

  it('do not slip through in small steps', async () => {
    const { server, b } = await scene()
    for (let step = 0; step < 10; step++) {
      for (const id of ids(1 + step * 10, 10)) server.set(twin, id, null)
      await settle(b)
    }
    expect(await rows(b)).toBe(80)
    expect(await readBrakes(b.db)).toMatchObject([{ rows: 80 }])
  })

  it('that come back by themselves are no question any more', async () => {
    const { server, b } = await scene()
    const kept = ids(1, 40).map((id) => [id, server.row(twin, id)!] as const)
    for (const [id] of kept) server.set(twin, id, null)
    await settle(b)
    for (const [id, row] of kept) server.set(twin, id, row)
    await settle(b)
    expect(await rows(b)).toBe(100)
    expect(await readBrakes(b.db)).toEqual([])
  })
})

describe('a workspace that vanishes as a whole', () => {
  it('stays on the device, however few rows it has', async () => {
    const { server, a, b } = await scene()
    await a.db.execute(
      `INSERT INTO workspace_settings(id, workspace_id, created_at, updated_at, name, currency)
        VALUES (?, ?, 1, 1, 'Home', 'EUR')`,
      [workspaceId, workspaceId],
    )
    await settle(a, b)
    for (const key of [...server.rows.keys()]) {
      const [table = '', id = ''] = key.split('/')
      server.set(table, id, null)
    }
    await settle(b)
    expect(await rows(b)).toBe(100)
    expect(await count(b.db, 'workspace_settings')).toBe(1)
    const brakes = await readBrakes(b.db)
    expect(brakes.map(({ table, ground }) => [table, ground])).toEqual([
      ['transactions', 'workspace'],
      ['workspace_settings', 'workspace'],
    ])
    for (const brake of brakes) await answerBrake(b.db, brake, 'keep')
    await settle(b)
    expect(await readBrakes(b.db)).toEqual([])
    expect(await rows(b)).toBe(100)
  })
})
