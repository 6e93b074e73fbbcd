import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { continueRevision } from './seen.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId } from './testing/device.ts'
import { insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const id = rowId(1)

describe('continueRevision', () => {
  it('seals a row that was deleted elsewhere on a revision above its delete', async () => {
    const device = await lab.open({
      server: new MiniServer(),
      keys: [newWorkspaceKeys(workspaceId)],
    })
    await device.db.writeTransaction((tx) => continueRevision(tx, 'transactions', id, 7))
    await device.db.writeTransaction((tx) => continueRevision(tx, 'transactions', id, 3))
    await insertTransaction(device.db, id, { payee: 'Back again' })
    await device.settle()
    expect(await device.db.getAll('SELECT revision FROM transactions_encrypt')).toEqual([
      { revision: 8 },
    ])
  })
})
