import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { claimGeneration, ReplacedError } from './generation.ts'
import { installRouter } from './install.ts'
import { readRouterProgress } from './journal.ts'
import type { CryptoRouter } from './router.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId } from './testing/device.ts'
import { count, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const open = () => lab.open({ server: new MiniServer(), keys: [newWorkspaceKeys(workspaceId)] })

it('counts up, and not by installing again', async () => {
  const { db } = await open()
  expect(await claimGeneration(db)).toBe(1)
  await installRouter(db)
  expect(await claimGeneration(db)).toBe(2)
})

it('lets a router that slept through its replacement write nothing, and keeps the notes', async () => {
  const device = await open()
  const sleeper = lab.takeOver(device, { generation: await claimGeneration(device.db) })
  await insertTransaction(device.db, rowId(1))
  await sleeper.drain()
  expect(await count(device.db, 'transactions_encrypt')).toBe(1)

  const successor = lab.takeOver(device, { generation: await claimGeneration(device.db) })
  await insertTransaction(device.db, rowId(2))
  await expect(sleeper.drain()).rejects.toThrow(ReplacedError)
  expect(await readRouterProgress(device.db)).toMatchObject({ pendingSeal: 1 })
  expect(await count(device.db, 'transactions_encrypt')).toBe(1)

  await successor.drain()
  expect(await readRouterProgress(device.db)).toMatchObject({ pendingSeal: 0 })
  expect(await count(device.db, 'transactions_encrypt')).toBe(2)
})

it('stops a running router for good, and says so once, however often it is woken', async () => {
  const device = await open()
  let told = 0
  const errors: unknown[] = []
  let router: CryptoRouter | undefined
  await new Promise<void>((resolve, reject) => {
    const start = async () => {
      router = lab.takeOver(device, {
        generation: await claimGeneration(device.db),
        onError: (error) => errors.push(error),
        onReplaced: () => {
          told++
          resolve()
        },
      })
      router.start()
      await claimGeneration(device.db)
      await insertTransaction(device.db, rowId(1))
    }
    start().catch(reject)
  })
  router?.wake()
  await router?.stop()
  expect([told, errors]).toEqual([1, []])
  expect(await count(device.db, 'transactions_encrypt')).toBe(0)
})
