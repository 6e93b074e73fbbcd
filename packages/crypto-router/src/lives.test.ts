import { loadCrypto } from '@sealbook/crypto'
import { serverLivesTable } from '@sealbook/schema/powersync'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readConflicts } from './conflicts.ts'
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

async function payeeOf(db: Device['db'], id: string): Promise<string | undefined> {
  const row = await db.getOptional<{ payee: string }>(
    'SELECT payee FROM transactions WHERE id = ?',
    [id],
  )
  return row?.payee
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

  it.each(['with the break', 'after it'])(
    'does not have what was lost replaced by what was written on top of the copy (%s)',
    async (moment) => {
      const { server, a, b, copy } = await scene()
      // One who saw nothing of what is lost, and goes on from the copy.
      const c = await lab.open({ server, keys: [...a.keys.values()] })
      restore(server, copy)
      if (moment === 'after it') await settle(a, b)
      await settle(c)
      for (const payee of ['Elsewhere', 'Twice', 'Thrice']) {
        await c.db.execute('UPDATE transactions SET payee = ? WHERE id = ?', [payee, rowId(1)])
        await settle(c)
      }
      await settle(a, b)
      for (const { db } of [a, b]) {
        expect(await payeeOf(db, rowId(1))).toBe('Edited after')
        const owed = (await readOwed(db, 9)).find(({ id }) => id === rowId(1))
        expect(owed).toMatchObject({
          kind: 'lost',
          mine: { payee: 'Edited after' },
          theirs: { payee: 'Thrice' },
        })
      }
      await decideOwedOfKind(a.db, 'lost', 'mine', now)
      await settle(a, b, c)
      for (const { db } of [a, b, c]) expect(await payeeOf(db, rowId(1))).toBe('Edited after')
      expect(await countOwed(b.db)).toMatchObject({ lost: 0 })
    },
  )

  it('does not have a deleted row back because somebody went on from the copy', async () => {
    const { server, a, b, copy } = await scene()
    const c = await lab.open({ server, keys: [...a.keys.values()] })
    restore(server, copy)
    await settle(c)
    for (const payee of ['Elsewhere', 'Twice', 'Thrice']) {
      await c.db.execute('UPDATE transactions SET payee = ? WHERE id = ?', [payee, rowId(2)])
      await settle(c)
    }
    await settle(a, b)
    for (const { db } of [a, b]) {
      expect(await db.getOptional('SELECT 1 FROM transactions WHERE id = ?', [rowId(2)])).toBeNull()
      expect(await countOwed(db)).toMatchObject({ returned: 1 })
    }
  })

  it.each([false, true])(
    'has the delete of a lost row merged with what the server has instead (all sent again: %s)',
    async (isPressed) => {
      const { server, a, copy } = await scene()
      restore(server, copy)
      await settle(a)
      await a.db.execute('DELETE FROM transactions WHERE id = ?', [rowId(29)])
      await a.db.execute('DELETE FROM transactions WHERE id = ?', [rowId(1)])
      // The router has not looked yet: the press is not about those two.
      if (isPressed) await decideOwedOfKind(a.db, 'lost', 'mine', now)
      await settle(a)
      expect(await countOwed(a.db)).toMatchObject({ lost: 0 })
      expect(await payeeOf(a.db, rowId(29))).toBeUndefined()
      expect(server.row(twin, rowId(29))).toBeUndefined()
      expect(await readConflicts(a.db)).toMatchObject([{ id: rowId(1), mine: null }])
    },
  )

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
