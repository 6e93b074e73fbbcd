import { loadCrypto } from '@sealbook/crypto'
import { maxRevision } from '@sealbook/schema/upload'
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

  it('does not let a server use up the revisions of a row', async () => {
    const server = new MiniServer()
    const device = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
    for (const told of [2 ** 53, maxRevision, 1_000_001, Number.MAX_VALUE]) {
      await device.db.writeTransaction((tx) => continueRevision(tx, 'transactions', id, told))
    }
    await insertTransaction(device.db, id, { payee: 'Back again' })
    await device.settle()
    expect(server.row('transactions_encrypt', id)?.['revision']).toBe(1)
    // What is known already does not stop it either.
    await device.db.writeTransaction((tx) => continueRevision(tx, 'transactions', id, 2 ** 40))
    await device.db.execute(`UPDATE transactions SET payee = 'Edited' WHERE id = ?`, [id])
    await device.settle()
    expect(server.row('transactions_encrypt', id)?.['revision']).toBe(2)
  })
})
