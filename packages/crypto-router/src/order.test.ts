import { loadCrypto } from '@sealbook/crypto'
import { entityOf, localColumns } from '@sealbook/schema'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { shapes } from './shapes.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId } from './testing/device.ts'
import { insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

async function openDevice(sealRows: number) {
  const keys = [newWorkspaceKeys(workspaceId)]
  return lab.open({ server: new MiniServer(), keys, tuning: { sealRows } })
}

describe('the order of the queue', () => {
  it('ranks every table after the tables that it refers to', () => {
    for (const shape of shapes) {
      const parents = Object.values(localColumns(entityOf(shape.table))).flatMap((column) =>
        column.type === 'id' && column.references !== undefined ? [column.references] : [],
      )
      for (const parent of parents.filter((table) => table !== shape.table)) {
        const rank = shapes.find(({ table }) => table === parent)?.rank
        expect(rank, `${shape.table} after ${parent}`).toBeLessThan(shape.rank)
      }
    }
  })

  it.each([1, 2, 500])(
    'has a row before the parts that were written before it, in steps of %i rows',
    async (sealRows) => {
      const { db, router, link } = await openDevice(sealRows)
      const [part, whole, other] = [rowId(1), rowId(2), rowId(3)]
      for (const id of [part, other, whole]) await insertTransaction(db, id)
      const move = 'UPDATE transactions SET parent_id = ? WHERE id IN (?, ?)'
      await db.execute(move, [whole, part, other])
      await router.drain()
      const uploads = await link.upload()
      expect(uploads.map(({ op, id }) => `${op} ${id}`)[0]).toBe(`PUT ${whole}`)
      expect(uploads).toHaveLength(3)
      // The whole first, by hand as by a cascade: the server must lose the parts first.
      for (const id of [whole, part, other])
        await db.execute('DELETE FROM transactions WHERE id = ?', [id])
      await router.drain()
      const deletes = await link.upload()
      expect(deletes.map(({ op }) => op)).toEqual(['DELETE', 'DELETE', 'DELETE'])
      expect(deletes.at(-1)?.id).toBe(whole)
    },
  )

  it('has three generations in their order, whatever the order of writing', async () => {
    const { db, router, link } = await openDevice(500)
    const [child, parent, grandparent] = [rowId(1), rowId(2), rowId(3)]
    for (const id of [child, parent, grandparent]) {
      await db.execute(
        `INSERT INTO categories(id, workspace_id, created_at, updated_at, kind, sort_order, name)
          VALUES (?, ?, 1, 1, 'expense', 0, 'c')`,
        [id, workspaceId],
      )
    }
    const move = 'UPDATE categories SET parent_id = ? WHERE id = ?'
    await db.execute(move, [parent, child])
    await db.execute(move, [grandparent, parent])
    await router.drain()
    const puts = await link.upload()
    expect(puts.map(({ id }) => id)).toEqual([grandparent, parent, child])
    for (const id of [grandparent, child, parent])
      await db.execute('DELETE FROM categories WHERE id = ?', [id])
    await router.drain()
    const deletes = await link.upload()
    expect(deletes.map(({ id }) => id)).toEqual([child, parent, grandparent])
  })
})
