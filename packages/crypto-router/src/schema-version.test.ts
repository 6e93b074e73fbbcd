import { loadCrypto } from '@sealbook/crypto'
import { schemaVersion } from '@sealbook/schema'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { installRouter } from './install.ts'
import { NewerSchemaError } from './schema-version.ts'
import { readRouterProgress } from './journal.ts'
import { createCryptoRouter } from './router.ts'
import {
  DeviceLab,
  newWorkspaceKeys,
  personId,
  workspaceId,
  type Device,
} from './testing/device.ts'
import { count, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const open = () => lab.open({ server: new MiniServer(), keys: [newWorkspaceKeys(workspaceId)] })

/** As a newer version of the app does when it opens the database. */
const upgrade = (device: Device) =>
  device.db.execute('UPDATE app_schema SET version = ?', [schemaVersion + 1])

it('writes the version of the app into the database', async () => {
  const { db } = await open()
  expect(await db.getAll('SELECT * FROM app_schema')).toEqual([{ id: 1, version: schemaVersion }])
  await db.execute('UPDATE app_schema SET version = version - 1')
  expect(await installRouter(db)).toBe('installed')
  expect(await db.getAll('SELECT version FROM app_schema')).toEqual([{ version: schemaVersion }])
})

it('leaves a database that a newer version has opened as it is', async () => {
  const device = await open()
  await upgrade(device)
  await device.db.execute('DROP TRIGGER router_out_insert_transactions')
  expect(await installRouter(device.db)).toBe('newer-schema')
  expect(
    await count(device.db, `sqlite_master WHERE name = 'router_out_insert_transactions'`),
  ).toBe(0)
  expect(await device.db.getAll('SELECT version FROM app_schema')).toEqual([
    { version: schemaVersion + 1 },
  ])
})

it('seals nothing once a newer version has opened the database, and keeps the notes', async () => {
  const device = await open()
  await insertTransaction(device.db, rowId(1))
  await device.router.drain()
  await upgrade(device)
  await insertTransaction(device.db, rowId(2))
  await expect(device.router.drain()).rejects.toThrow(NewerSchemaError)
  expect(await readRouterProgress(device.db)).toMatchObject({ pendingSeal: 1 })
  expect(await count(device.db, 'transactions_encrypt')).toBe(1)
})

it('stops a running router for good, and says so once', async () => {
  const device = await open()
  let told = 0
  const outdated = new Promise<void>((resolve) => {
    const router = createCryptoRouter({
      db: device.db,
      keys: { get: (id) => device.keys.get(id) },
      authorId: personId,
      now: () => 0,
      onOutdated: () => {
        told++
        resolve()
      },
    })
    router.start()
  })
  await upgrade(device)
  await insertTransaction(device.db, rowId(1))
  await outdated
  expect(told).toBe(1)
  expect(await count(device.db, 'transactions_encrypt')).toBe(0)
})
