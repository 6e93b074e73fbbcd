import { randomUUID } from 'node:crypto'
import { loadCrypto } from '@sealbook/crypto'
import { entityOf } from '@sealbook/schema'
import {
  digestColumns,
  inDigestOrder,
  sliceOf,
  TableDigester,
  type TwinCell,
} from '@sealbook/schema/digest'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { putTwin } from '../layout.ts'
import { shapeOf } from '../shapes.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from '../testing/device.ts'
import { insertMany, insertTransaction, rowId } from '../testing/ledger-rows.ts'
import { MiniServer } from '../testing/mini-server.ts'
import { compareTable } from './compare-table.ts'
import { idsBySlice } from './sides.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())
afterAll(() => lab.close())

const shape = shapeOf('transactions')

describe('compareTable', () => {
  const compare = async (device: Device) => {
    let looked = 0
    const table = await compareTable(device.db, shape, device.keys, {
      workspaceId,
      signal: new AbortController().signal,
      onRows: (rows) => (looked += rows),
    })
    return { ...table, looked }
  }

  it('finds every row that differs among many, and has the server\u2019s digest', async () => {
    const server = new MiniServer()
    const device = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
    await insertMany(device.db, 1_000)
    await device.settle()
    await unnoticed(device, `DELETE FROM transactions WHERE id = '${rowId(7)}'`)
    await unnoticed(device, `UPDATE transactions SET note = 'x' WHERE id = '${rowId(999)}'`)
    await device.db.execute(`UPDATE transactions SET note = 'mine' WHERE id = '${rowId(500)}'`)
    const table = await compare(device)
    expect(table).toMatchObject({ plaintextRows: 999, twinRows: 1_000, looked: 1_000, moving: 1 })
    expect(table.differing.map((row) => [row.id, row.verdict.kind])).toEqual([
      [rowId(7), 'plaintext-missing'],
      [rowId(999), 'plaintext-differs'],
    ])
    expect(table.digests).toEqual(await serverDigests(server))
  })

  it('cuts rows whose ids all begin alike into slices, as the server does', async () => {
    const server = new MiniServer()
    const device = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
    const ids = Array.from({ length: 300 }, () => `0193a1b2-c3d4-7${randomUUID().slice(15)}`)
    await device.db.writeTransaction(async (tx) => {
      for (const id of ids) await insertTransaction(tx, id)
    })
    await device.settle()
    const { digests, differingCount, twinRows } = await compare(device)
    expect({ differingCount, twinRows }).toEqual({ differingCount: 0, twinRows: 300 })
    expect(digests.map(({ slice }) => slice)).toEqual([...new Set(ids.map(sliceOf))].sort())
    expect(digests.length).toBeGreaterThan(100)
    expect(digests).toEqual(await serverDigests(server))
  })

  it('looks once at every row, whatever its id', async () => {
    const server = new MiniServer()
    const device = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
    const ids = [
      'A',
      '0',
      'AB',
      '%',
      "it's",
      'caf\u00e9',
      'paid \u{1F4B6}',
      rowId(0xab).toUpperCase(),
    ]
    for (const id of [...ids, rowId(0xab)]) await insertTransaction(device.db, id)
    await device.db.writeTransaction((tx) =>
      putTwin(tx, shape, 'no-uuid', { workspace_id: workspaceId, revision: 1 }),
    )
    await device.router.drain()
    const { digests, looked, plaintextRows } = await compare(device)
    expect({ looked, plaintextRows }).toEqual({ looked: 10, plaintextRows: 9 })
    const slices = digests.map(({ slice }) => slice)
    expect(slices).toEqual([...new Set(slices)].sort())
  })

  it('lists every id of both sides once, by slice and id, over many pages', async () => {
    const device = await lab.open({ server: new MiniServer(), keys: [] })
    const ids = Array.from({ length: 12_000 }, (_, number) => rowId(number * 7))
    const [local, twins] = [ids.slice(0, 8_000), ids.slice(4_000)]
    for (const [store, given] of [
      [`ps_data_local__${shape.table}`, local],
      [`ps_data__${shape.twin}`, twins],
    ] as const) {
      await device.db.execute(
        `INSERT INTO ${store}(id, data) SELECT value, '{}' FROM json_each(?)`,
        [JSON.stringify(given)],
      )
    }
    const slices = await idsBySlice(device.db, shape, new AbortController().signal)
    expect([...slices.keys()]).toEqual([...new Set(ids.map(sliceOf))].sort())
    for (const [slice, listed] of slices) {
      expect(listed).toEqual(ids.filter((id) => sliceOf(id) === slice))
    }
  })

  it('digests whatever a twin may hold as it was given', async () => {
    const cell = fc.option(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeInteger(),
        fc.constantFrom('', 'a;b=1:c'),
      ),
    )
    const columns = digestColumns(entityOf('transactions'))
    const device = await lab.open({ server: new MiniServer(), keys: [] })
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.uuid(), fc.tuple(cell, cell, fc.maxSafeInteger()), { maxKeys: 8 }),
        async (given) => {
          const expected = new TableDigester(columns)
          await device.db.execute(`DELETE FROM ps_data__${shape.twin}`)
          const rows = Object.entries(given).map(([id, cells]) => ({ id, cells }))
          for (const { id, cells } of rows.sort(inDigestOrder)) {
            const [kind, note, revision] = cells
            const row: Record<string, TwinCell> = {
              workspace_id: workspaceId,
              kind,
              note,
              revision,
            }
            await device.db.writeTransaction((tx) => putTwin(tx, shape, id, row))
            expected.add({ ...row, id })
          }
          expect((await compare(device)).digests).toEqual(await expected.finish())
        },
      ),
      { numRuns: 30 },
    )
  })
})

/** Writes to plaintext tables as a fault would: nothing notices. */
async function unnoticed(device: Device, sql: string): Promise<void> {
  await device.db.writeTransaction(async (tx) => {
    await tx.execute('UPDATE router_control SET mute = 1')
    await tx.execute(sql)
    await tx.execute('UPDATE router_control SET mute = 0')
  })
}

/** Of transactions, as a server computes them. */
async function serverDigests(server: MiniServer) {
  const digester = new TableDigester(digestColumns(entityOf('transactions')))
  const rows = [...server.rows].map(([key, row]) => ({ ...row, id: key.split('/')[1]! }))
  for (const row of rows.sort(inDigestOrder)) digester.add(row)
  return digester.finish()
}
