import { loadCrypto } from '@sealbook/crypto'
import { serverLivesTable } from '@sealbook/schema/powersync'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decideOwedOfKind } from './owed-decisions.ts'
import { countOwed, readOwed } from './owed.ts'
import { shapeOf } from './shapes.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from './testing/device.ts'
import { dumpTable, insertMany, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer, type ServerRow } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const now = 1_700_000_000_000
const { twin } = shapeOf('transactions')

function live(server: MiniServer, life: string, position: number): void {
  server.set(serverLivesTable, life, { started_at: now, position })
}

async function settle(...devices: readonly Device[]): Promise<void> {
  for (const device of [...devices, ...devices]) {
    await device.router.drain()
    await device.link.offerAndSync()
    await device.router.drain()
  }
}

/** Two devices with 30 rows of which the server is about to forget what came after the first 28. */
async function scene() {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const a = await lab.open({ server, keys })
  const b = await lab.open({ server, keys })
  live(server, 'first', 1)
  await insertMany(a.db, 28)
  await settle(a, b)
  const copy = new Map(server.rows)
  await insertTransaction(a.db, rowId(29), { payee: 'After the copy' })
  await a.db.execute(`UPDATE transactions SET payee = 'Edited after' WHERE id = ?`, [rowId(1)])
  await a.db.execute('DELETE FROM transactions WHERE id = ?', [rowId(2)])
  live(server, 'first', 2)
  await settle(a, b)
  return { server, a, b, copy }
}

/** What a restore of the copy looks like to the devices. */
function restore(server: MiniServer, copy: ReadonlyMap<string, ServerRow>): void {
  for (const key of new Set([...server.rows.keys(), ...copy.keys()])) {
    const [table = '', id = ''] = key.split('/')
    if (table !== twin || server.row(table, id) === copy.get(key)) continue
    server.set(table, id, copy.get(key) ?? null)
  }
  live(server, 'first', 1)
  live(server, 'second', 0)
  server.forgetDeletes()
}

describe('a server that was put back to an older copy', () => {
  it('loses nothing of what devices have, and brings nothing back that was deleted', async () => {
    const { server, a, b, copy } = await scene()
    const before = await dumpTable(a.db, 'transactions')
    restore(server, copy)
    await settle(a, b)
    for (const { db } of [a, b]) {
      expect(await dumpTable(db, 'transactions')).toEqual(before)
      expect(await countOwed(db)).toEqual({ lost: 2, returned: 1, forked: 0 })
      expect((await readOwed(db, 9)).map(({ ground }) => ground)).toEqual(Array(3).fill('break'))
    }
    await decideOwedOfKind(b.db, 'lost', 'mine', now)
    await decideOwedOfKind(b.db, 'returned', 'mine', now)
    await settle(b, a, b)
    for (const { db } of [a, b]) {
      expect(await dumpTable(db, 'transactions')).toEqual(before)
      expect(await countOwed(db)).toEqual({ lost: 0, returned: 0, forked: 0 })
    }
  })

  it('is believed again afterwards: what people delete then is deleted', async () => {
    const { server, a, b, copy } = await scene()
    restore(server, copy)
    await settle(a, b)
    await decideOwedOfKind(a.db, 'lost', 'mine', now)
    await decideOwedOfKind(a.db, 'returned', 'mine', now)
    await settle(a, b)
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [rowId(5)])
    live(server, 'second', 1)
    await settle(a, b)
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
    expect(await b.db.getOptional('SELECT 1 FROM transactions WHERE id = ?', [rowId(5)])).toBeNull()
    expect(await countOwed(b.db)).toEqual({ lost: 0, returned: 0, forked: 0 })
  })

  it('is noticed by a life that is gone, too, and not by one that only goes on', async () => {
    const { server, a, b } = await scene()
    live(server, 'first', 9)
    live(server, 'second', 0)
    server.set(twin, rowId(3), null)
    await settle(a)
    expect(await countOwed(a.db)).toEqual({ lost: 0, returned: 0, forked: 0 })
    server.set(serverLivesTable, 'first', null)
    server.set(twin, rowId(4), null)
    await settle(a, b)
    expect((await readOwed(a.db, 9)).map(({ id }) => id)).toEqual([rowId(4)])
    await decideOwedOfKind(a.db, 'lost', 'theirs', now)
    await settle(a)
    expect(await a.db.getOptional('SELECT 1 FROM transactions WHERE id = ?', [rowId(4)])).toBeNull()
  })
})
