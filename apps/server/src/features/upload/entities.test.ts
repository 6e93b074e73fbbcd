import { randomUUID } from 'node:crypto'
import {
  encryptTable,
  entities,
  localColumns,
  type Column,
  type Entity,
  type EntityTable,
} from '@sealbook/schema'
import type { UploadOperation } from '@sealbook/schema/upload'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  fakeEnvelope,
  fakeSeal,
  patch,
  put,
  remove,
  signUpWithWorkspace,
  upload,
  type TestRow,
} from '../../../test/rows.ts'
import { startTestApp, type Person, type TestApp } from '../../../test/test-app.ts'

/** The settings are one row whose id is the workspace's own. */
const ordinary: readonly Entity[] = entities.filter(({ table }) => table !== 'workspace_settings')
const named = ordinary.map((entity) => [entity.table, entity] as const)
const related = ordinary.flatMap((entity) =>
  relationsOf(entity).map(([column]) => [`${entity.table}.${column}`, entity, column] as const),
)

describe('every entity of packages/schema', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  /** Of another workspace of the same person, so that only the relation can be at fault. */
  let elsewhere: { person: Person; workspaceId: string }
  beforeAll(async () => {
    test = await startTestApp()
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
    elsewhere = await signUpWithWorkspace(test.app)
    await test.database.pool.query(
      `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`,
      [elsewhere.workspaceId, person.userId],
    )
  })
  afterAll(() => test.close())

  it.each(named)('%s: is created with its parents, changed and deleted', async (_, entity) => {
    const rows = family(entity, workspaceId)
    const row = rows.at(-1)!
    const name = encryptTable(entity)
    expect(await upload(person, rows.map(toPut))).toEqual({ applied: rows.length, errors: [] })
    const stored = await storedRow(name, row.id)
    expect(stored).toEqual({ id: row.id, ...row.data })
    const changed = patch(name, row, { updated_at: 1_790_000_000_777 })
    expect((await upload(person, [changed.operation])).errors).toEqual([])
    expect(await storedRow(name, row.id)).toEqual({ id: row.id, ...changed.row.data })
    expect((await upload(person, [remove(name, changed.row)])).errors).toEqual([])
    expect(await storedRow(name, row.id)).toBeNull()
  })

  it.each(named)(
    '%s: is taken without what may be null, as old clients send it',
    async (_, entity) => {
      const rows = family(entity, workspaceId)
      const row = rows.at(-1)!
      const nullable = Object.entries(localColumns(entity)).filter(([, column]) => column.nullable)
      const without = new Set(nullable.map(([name]) => name))
      const data = Object.fromEntries(
        Object.entries(row.data).filter(([name]) => !without.has(name)),
      )
      const operations = [...rows.slice(0, -1).map(toPut), { ...toPut(row), data }]
      expect((await upload(person, operations)).errors).toEqual([])
      const stored = await storedRow(encryptTable(entity), row.id)
      for (const name of without) expect(stored?.[name], name).toBeNull()
    },
  )

  it.each(related)('%s: refers to rows of its own workspace only', async (_, entity, column) => {
    const away = family(entity, elsewhere.workspaceId)
    expect((await upload(person, away.map(toPut))).errors).toEqual([])
    const rows = family(entity, workspaceId)
    const row = rows.at(-1)!
    const foreign = { ...row, data: { ...row.data, [column]: away.at(-1)!.data[column] } }
    const answer = await upload(person, [...rows.slice(0, -1), foreign].map(toPut))
    expect(answer.applied).toBe(rows.length - 1)
    expect(answer.errors).toMatchObject([{ id: row.id, code: 'missing-relation' }])
  })

  it.each(related)('%s: keeps the row that it refers to', async (_, entity, column) => {
    const rows = family(entity, workspaceId)
    const parentId = rows.at(-1)!.data[column]
    const parent = rows.find(({ id }) => id === parentId)!
    const answer = await upload(person, [...rows.map(toPut), remove(parent.table, parent)])
    expect(answer.errors).toMatchObject([{ id: parentId, code: 'in-use' }])
  })

  it('tells a replica which row was changed by its id', async () => {
    const { rows } = await test.database.pool.query<{ table: string; key: string; how: string }>(
      `SELECT c.relname AS table, a.attname AS key, c.relreplident AS how
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indisprimary AND c.relname = ANY ($1) ORDER BY c.relname`,
      [entities.map(encryptTable)],
    )
    const expected = entities.map((entity) => ({
      table: encryptTable(entity),
      key: 'id',
      how: 'd',
    }))
    expect(rows).toEqual(expected.sort((a, b) => (a.table < b.table ? -1 : 1)))
  })

  async function storedRow(table: string, id: string): Promise<Record<string, unknown> | null> {
    const { rows } = await test.database.pool.query<{ row: Record<string, unknown> }>(
      `SELECT row_to_json(t) AS row FROM ${table} t WHERE id = $1`,
      [id],
    )
    return rows[0]?.row ?? null
  }
})

interface TwinRow extends TestRow {
  readonly table: string
}

/** A row of the entity with every column filled, after a parent for every relation of it. */
function family(entity: Entity, workspaceId: string): TwinRow[] {
  const rows = relationsOf(entity).map(([column, parent]) => ({
    column,
    row: bareRow(parent, workspaceId),
  }))
  const own = bareRow(entity, workspaceId)
  const relations = rows.map(({ column, row }) => [column, row.at(-1)!.id])
  const filled = Object.entries(entity.columns).flatMap(([name, column]) =>
    column.type === 'id' ? [] : [[name, cell(column)]],
  )
  const data = {
    ...own.at(-1)!.data,
    ...Object.fromEntries(filled),
    ...Object.fromEntries(relations),
  } as TestRow['data']
  return [...rows.flatMap(({ row }) => row), { ...own.at(-1)!, data }]
}

/** With nothing that may be null, after the parents that it cannot do without. */
function bareRow(entity: Entity, workspaceId: string): TwinRow[] {
  const parents: TwinRow[] = []
  const data: Record<string, unknown> = {}
  for (const [name, column] of Object.entries(entity.columns)) {
    const parent = parentOf(column)
    if (column.nullable) data[name] = null
    else if (parent !== undefined) {
      parents.push(...bareRow(parent, workspaceId))
      data[name] = parents.at(-1)!.id
    } else data[name] = cell(column)
  }
  const common = { workspace_id: workspaceId, created_at: 1, updated_at: 2 }
  const row = { ...common, ...data, revision: 1, seal: fakeSeal(), author_id: null }
  return [...parents, { table: encryptTable(entity), id: randomUUID(), data: row }]
}

function relationsOf(entity: Entity): [string, Entity][] {
  return Object.entries(entity.columns).flatMap(([name, column]): [string, Entity][] => {
    const parent = parentOf(column)
    return parent === undefined ? [] : [[name, parent]]
  })
}

function parentOf(column: Column): Entity | undefined {
  if (column.type !== 'id' || column.references === undefined) return undefined
  const table = column.references as EntityTable
  return entities.find((entity) => entity.table === table)
}

function cell(column: Column): unknown {
  if (column.visibility === 'sealed') return fakeEnvelope()
  switch (column.type) {
    case 'id':
      return randomUUID()
    case 'date':
      return '2026-02-28'
    case 'month':
      return '2026-02'
    case 'instant':
      return 1_700_000_000_000
    case 'integer':
      return column.max
    case 'currency':
      return 'CHF'
    case 'choice':
      return column.choices.at(-1)
  }
}

function toPut(row: TwinRow): UploadOperation {
  return put(row.table, row)
}
