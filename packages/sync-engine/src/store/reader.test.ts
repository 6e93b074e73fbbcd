import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { StoreReader } from './reader.ts'

let database: TestDatabase
let reader: StoreReader

beforeEach(async () => {
  database = await createTestDatabase()
  await database.pool.query(
    'CREATE SCHEMA store; CREATE TABLE store.engine_state AS SELECT 7::bigint AS last_op_id',
  )
  reader = new StoreReader(database.url, 'store', () => undefined)
})

afterEach(async () => {
  await reader.close()
  await database.drop()
})

it('survives a connection that is lost between two queries of a view', async () => {
  const interrupted = reader.view(async (view) => {
    await view.lastOpId()
    await endOthers()
    return view.lastOpId()
  })
  await expect(interrupted).rejects.toThrow()
  expect(await reader.view((view) => view.lastOpId())).toBe(7n)
})

/** Resolves when every other connection to the database is gone. */
async function endOthers(): Promise<void> {
  const { rows } = await database.pool.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(pid, 10_000) AS ended FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  )
  expect(rows).toEqual([{ ended: true }])
}
