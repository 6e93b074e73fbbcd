import { PowerSyncDatabase } from '@powersync/node'
import { Schema } from '@powersync/common'
import { loadCrypto } from '@sealbook/crypto'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { clearSyncedData } from './clear.ts'
import { installRouter } from './install.ts'
import { readRouterProgress } from './journal.ts'
import { createCryptoRouter } from './router.ts'
import {
  DeviceLab,
  newWorkspaceKeys,
  openDatabase,
  personId,
  workspaceId,
} from './testing/device.ts'
import { count, dumpTable, insertMany, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

describe('installRouter', () => {
  it('changes nothing the second time, and mends an outdated trigger', async () => {
    const db = openDatabase(await lab.folder())
    await installRouter(db)
    const read = () => db.getAll(`SELECT name, sql FROM sqlite_master WHERE name LIKE 'router%'`)
    const installed = await read()
    await installRouter(db)
    expect(await read()).toEqual(installed)
    await db.execute('DROP TRIGGER router_in_after_accounts')
    await db.execute(
      `CREATE TRIGGER router_in_after_accounts AFTER INSERT ON ps_data__accounts_encrypt
        BEGIN SELECT 1; END`,
    )
    await installRouter(db)
    expect(new Set(await read())).toEqual(new Set(installed))
    await db.close()
  })

  it('notes local rows that were written before it', async () => {
    const db = openDatabase(await lab.folder())
    await insertMany(db, 3)
    await installRouter(db)
    expect(await readRouterProgress(db)).toEqual({ pendingSeal: 3, pendingOpen: 0, faulty: 0 })
    await db.close()
  })

  it('rebuilds a plaintext table from its twin, with nothing downloaded or uploaded', async () => {
    const folder = await lab.folder()
    const keys = newWorkspaceKeys(workspaceId)
    const route = async (db: PowerSyncDatabase) => {
      await installRouter(db)
      const router = createCryptoRouter({
        db,
        keys: { get: () => keys },
        authorId: personId,
        now: () => 0,
      })
      await router.drain()
      return router.totals()
    }
    const first = openDatabase(folder)
    await installRouter(first)
    await insertMany(first, 50)
    await route(first)
    const before = await dumpTable(first, 'transactions')
    await first.close()
    const tables = buildPowerSyncSchema().tables.filter(({ name }) => name !== 'transactions')
    const without = new PowerSyncDatabase({
      schema: new Schema(tables),
      database: { dbFilename: 'device.db', dbLocation: folder },
    })
    await without.init()
    await without.close()
    const again = openDatabase(folder)
    expect(await count(again, 'transactions')).toBe(0)
    expect(await route(again)).toEqual({ sealed: 0, opened: 50 })
    expect(await dumpTable(again, 'transactions')).toEqual(before)
    expect(await count(again, 'ps_crud')).toBe(50)
    await again.close()
  })
})

describe('clearSyncedData', () => {
  it('removes the rows here and deletes none on the server', async () => {
    const server = new MiniServer()
    const keys = [newWorkspaceKeys(workspaceId)]
    const a = await lab.open({ server, keys })
    await insertMany(a.db, 20)
    await a.settle()
    const before = await dumpTable(a.db, 'transactions')
    await a.db.execute(`UPDATE transactions SET note = 'unsent' WHERE id = ?`, [rowId(1)])
    await clearSyncedData(a.db)
    expect(await count(a.db, 'transactions')).toBe(0)
    expect(await readRouterProgress(a.db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
    await a.router.drain()
    expect(await count(a.db, 'ps_crud')).toBe(0)
    await insertTransaction(a.db, rowId(99))
    await a.router.drain()
    expect(await count(a.db, 'ps_crud')).toBe(1)
    const b = await lab.open({ server, keys })
    await b.settle()
    expect(await dumpTable(b.db, 'transactions')).toEqual(before)
  })

  it('is finished at the next open when it was interrupted', async () => {
    const server = new MiniServer()
    const a = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
    await insertMany(a.db, 20)
    await a.settle()
    // The tab died after the rows were gone and before the journals were wiped.
    await a.db.execute('UPDATE router_control SET clearing = 1')
    await a.db.disconnectAndClear()
    await installRouter(a.db)
    expect(await a.db.get('SELECT mute, clearing FROM router_control')).toEqual({
      mute: 0,
      clearing: 0,
    })
    expect(await count(a.db, 'router_seen')).toBe(0)
    await a.router.drain()
    expect(await count(a.db, 'ps_crud')).toBe(0)
  })
})
