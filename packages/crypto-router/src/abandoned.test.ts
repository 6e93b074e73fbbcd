import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { discardUnsealed, hasPastRows } from './abandoned.ts'
import { readRouterProgress } from './journal.ts'
import { DeviceLab, newWorkspaceKeys, otherWorkspaceId, workspaceId } from './testing/device.ts'
import { count, insertMany, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

describe('rows of a workspace that did not come to be', () => {
  it('go without a trace, and those of another workspace stay', async () => {
    const device = await lab.open({ server: new MiniServer(), keys: [] })
    await insertMany(device.db, 3)
    await insertTransaction(device.db, rowId(9), { workspace: otherWorkspaceId })
    expect(await hasPastRows(device.db, workspaceId)).toBe(true)
    expect(await discardUnsealed(device.db, workspaceId)).toBe(true)
    expect(await count(device.db, 'transactions')).toBe(1)
    expect(await readRouterProgress(device.db)).toMatchObject({ pendingSeal: 1 })
    expect(await discardUnsealed(device.db, otherWorkspaceId)).toBe(true)
    expect(await readRouterProgress(device.db)).toMatchObject({ pendingSeal: 0 })
    expect(await count(device.db, 'ps_crud')).toBe(0)
    expect(await hasPastRows(device.db, null)).toBe(false)
  })

  it('stay when anything of it was ever sealed, and still do once it was deleted', async () => {
    const keys = [newWorkspaceKeys(workspaceId)]
    const device = await lab.open({ server: new MiniServer(), keys })
    await insertMany(device.db, 2)
    expect(await hasPastRows(device.db, workspaceId)).toBe(false)
    await device.settle()
    const queued = await count(device.db, 'ps_crud')
    expect(await discardUnsealed(device.db, workspaceId)).toBe(false)
    expect(await count(device.db, 'transactions')).toBe(2)
    expect(await count(device.db, 'ps_crud')).toBe(queued)
    await device.db.execute('DELETE FROM transactions')
    await device.settle()
    expect(await hasPastRows(device.db, workspaceId)).toBe(true)
  })
})
