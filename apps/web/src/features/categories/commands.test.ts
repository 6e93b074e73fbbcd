import type { PowerSyncDatabase } from '@powersync/node'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Category } from '../../data/records.ts'
import { writeRows } from '../../data/rows.ts'
import { addCategory, archiveCategory, changeCategory, deleteCategory } from './commands.ts'
import { categoryUseQuery } from './queries.ts'
import { openTestDatabase } from '../../data/testing.ts'

const workspace = '00000000-0000-4000-8000-000000000001'
const otherWorkspace = '00000000-0000-4000-8000-000000000002'

describe('categories', () => {
  let db: PowerSyncDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(async () => {
    await db.close()
  })
  beforeEach(async () => {
    await db.execute('DELETE FROM transactions')
    await db.execute('DELETE FROM categories')
  })

  it('goes to the end of the list, also after one in the middle was deleted', async () => {
    const ids = [await add('Groceries'), await add('Rent'), await add('Travel')]
    await deleteCategory(db, workspace, ids[1]!)
    await add('Gifts')
    expect((await categories()).map(({ name }) => name)).toEqual(['Groceries', 'Travel', 'Gifts'])
  })

  it('is written with everything that the form holds', async () => {
    const id = await add('Groceries')
    const row = await db.get('SELECT * FROM categories WHERE id = ?', [id])
    expect(row).toMatchObject({
      workspace_id: workspace,
      name: 'Groceries',
      kind: 'expense',
      icon: 'basket',
      colour: 'rust',
      sort_order: 0,
      archived_at: null,
      parent_id: null,
    })
  })

  it('keeps its kind when it is changed: its transactions were entered under it', async () => {
    await add('Groceries')
    const [category] = await categories()
    const values = { kind: 'income', name: 'Food', icon: 'tag', colour: 'plum' } as const
    expect((await changeCategory(db, category!, values)).ok).toBe(true)
    expect(await db.get('SELECT name, kind, icon, colour FROM categories')).toEqual({
      ...values,
      kind: 'expense',
    })
  })

  it('refuses a name that no envelope has room for, and changes nothing', async () => {
    await add('Groceries')
    const [category] = await categories()
    const values = {
      kind: 'expense',
      name: 'x'.repeat(10_000),
      icon: 'tag',
      colour: 'plum',
    } as const
    expect((await changeCategory(db, category!, values)).ok).toBe(false)
    expect((await addCategory(db, workspace, [], values)).ok).toBe(false)
    expect((await categories()).map(({ name }) => name)).toEqual(['Groceries'])
  })

  it('is archived and brought back', async () => {
    const id = await add('Groceries')
    await archiveCategory(db, id, 1_700_000_000_000)
    expect((await categories())[0]?.archivedAt).toBe(1_700_000_000_000)
    await archiveCategory(db, id, null)
    expect((await categories())[0]?.archivedAt).toBeNull()
  })

  it('is deleted only while no transaction of this workspace uses it', async () => {
    const id = await add('Groceries')
    await spend(workspace, id)
    await spend(workspace, id)
    expect(await deleteCategory(db, workspace, id)).toEqual({
      ok: false,
      error: { kind: 'in-use', transactions: 2 },
    })
    expect(await categories()).toHaveLength(1)
    await db.execute('DELETE FROM transactions')
    await spend(otherWorkspace, id)
    expect(await deleteCategory(db, workspace, id)).toEqual({ ok: true, value: undefined })
    expect(await categories()).toEqual([])
  })

  it('counts the use of a category by its index', async () => {
    const { sql, parameters } = categoryUseQuery(workspace, 'a')
    const plan = await db.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, [...parameters])
    expect(plan.map((step) => step.detail).join()).toMatch(/SEARCH.*by_category/)
  })

  async function add(name: string): Promise<string> {
    const written = await addCategory(db, workspace, await categories(), {
      kind: 'expense',
      name,
      icon: 'basket',
      colour: 'rust',
    })
    if (!written.ok) throw new Error(written.error.kind)
    return written.value[0]!
  }

  async function spend(workspaceId: string, categoryId: string): Promise<void> {
    const written = await writeRows(db, 'transactions', [
      {
        workspace_id: workspaceId,
        account_id: '00000000-0000-4000-8000-000000000003',
        category_id: categoryId,
        kind: 'expense',
        occurred_on: '2026-01-15',
        status: 'cleared',
        amount: -100n,
      },
    ])
    expect(written.ok).toBe(true)
  }

  async function categories(): Promise<Category[]> {
    return db.getAll<Category>(
      `SELECT id, kind, name, icon, colour, sort_order AS sortOrder, archived_at AS archivedAt
        FROM categories ORDER BY sort_order`,
    )
  }
})
