import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import type { UploadOperation } from '@sealbook/schema/upload'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accountRow,
  categoryRow,
  fakeSeal,
  fakeWrappedKey,
  transactionRow,
} from '../../../test/rows.ts'
import { migrate } from '../../plugins/migrate.ts'
import { applyBatch } from './apply.ts'
import { buildTwinTables } from './tables.ts'

const userId = randomUUID()
const workspaceId = randomUUID()
const tables = buildTwinTables()
const twins = ['accounts_encrypt', 'categories_encrypt', 'transactions_encrypt']
const ids = [0, 1, 2].map(() => randomUUID())
const seals = [0, 1].map(() => [0, 1, 2, 3, 4].map(() => fakeSeal()))

/** Small worlds, so that batches meet: three ids a table, four revisions, two seals of each. */
const idArbitrary = fc.constantFrom(...ids)
const revisionArbitrary = fc.integer({ min: 1, max: 4 })
const versionArbitrary = fc.record({ revision: revisionArbitrary, variant: fc.constantFrom(0, 1) })
const operationArbitrary = fc
  .record({
    op: fc.constantFrom('PUT', 'PUT', 'PATCH', 'DELETE' as const),
    table: fc.constantFrom(...twins),
    id: idArbitrary,
    to: versionArbitrary,
    from: fc.option(versionArbitrary),
    withSeal: fc.boolean(),
    refersTo: fc.option(idArbitrary),
  })
  .map(({ op, table, id, to, from, withSeal, refersTo }): UploadOperation => {
    const version = { revision: to.revision, seal: sealOf(to) }
    const base = from ?? (op === 'PUT' ? null : { revision: 1, variant: 0 })
    const previous = base && {
      revision: base.revision,
      ...(withSeal ? { seal: sealOf(base) } : {}),
    }
    if (op === 'DELETE') return { op, table, id, previous }
    const { data } = rowOf(table, refersTo)
    if (op === 'PUT') return { op, table, id, previous, data: { ...data, ...version } }
    const relation = table === 'categories_encrypt' ? { parent_id: refersTo } : {}
    return { op: 'PATCH', table, id, previous, data: { ...relation, ...version } }
  })

describe('a batch', () => {
  let bulk: TestDatabase
  let single: TestDatabase
  beforeAll(async () => {
    ;[bulk, single] = await Promise.all([seededDatabase(), seededDatabase()])
  })
  afterAll(async () => {
    await bulk.drop()
    await single.drop()
  })

  it('ends alike in bulk and one by one, whatever is in it', async () => {
    const context = { tables, maxRowsPerWorkspace: 6 }
    const batches = fc.array(fc.array(operationArbitrary, { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        for (const database of [bulk, single]) await empty(database)
        for (const batch of given) {
          const oneByOne = { ...context, oneByOne: true }
          const [first, second] = [
            await applyBatch(bulk.pool, userId, batch, context),
            await applyBatch(single.pool, userId, batch, oneByOne),
          ]
          expect(first).toEqual(second)
          const [left, right] = [await dump(bulk), await dump(single)]
          expect(left).toEqual(right)
          expect(left.rowCount).toBe(left.rows.length)
        }
      }),
      { numRuns: 40 },
    )
  }, 120_000)
})

function sealOf({ revision, variant }: { revision: number; variant: number }): string {
  return seals[variant]?.[revision] ?? ''
}

function rowOf(table: string, refersTo: string | null) {
  if (table === 'accounts_encrypt') return accountRow(workspaceId)
  if (table === 'categories_encrypt') return categoryRow(workspaceId, refersTo)
  return transactionRow(workspaceId, refersTo ?? ids[0] ?? '')
}

async function seededDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await migrate(database.pool)
  const { pool } = database
  await pool.query(`INSERT INTO auth_user (id, name, email) VALUES ($1, '', 'a@b')`, [userId])
  await pool.query('INSERT INTO workspaces (id, created_by) VALUES ($1, $2)', [workspaceId, userId])
  await pool.query(
    `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`,
    [workspaceId, userId],
  )
  await pool.query('INSERT INTO workspace_data_keys VALUES ($1, $2, 1, $3)', [
    workspaceId,
    userId,
    fakeWrappedKey(),
  ])
  return database
}

async function empty({ pool }: TestDatabase): Promise<void> {
  await pool.query(`TRUNCATE deleted_rows, superseded_revisions, ${twins.join(', ')} CASCADE`)
  await pool.query('UPDATE workspaces SET row_count = 0')
}

async function dump({ pool }: TestDatabase) {
  const all = [...twins, 'superseded_revisions'].map(
    (table) => `SELECT to_jsonb(t) AS row FROM ${table} t`,
  )
  const deleted = `SELECT to_jsonb(t) - 'deleted_at' AS row FROM deleted_rows t`
  const rows = await pool.query<{ row: object }>(
    `${[...all.slice(0, -1)].join(' UNION ALL ')} ORDER BY row`,
  )
  const history = await pool.query<{ row: object }>(
    `${all.at(-1)} UNION ALL ${deleted} ORDER BY row`,
  )
  const count = await pool.query<{ row_count: string }>('SELECT row_count FROM workspaces')
  return {
    rows: rows.rows,
    history: history.rows,
    rowCount: Number(count.rows[0]?.row_count),
  }
}
