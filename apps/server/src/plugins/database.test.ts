import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { surviveLostClients } from './database.ts'
import { createLogger } from './log.ts'

let database: TestDatabase
let pool: pg.Pool

beforeEach(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url })
  surviveLostClients(pool, createLogger({ level: 'silent' }))
})

afterEach(async () => {
  await pool.end()
  await database.drop()
})

it('survives a connection that is lost between two statements', async () => {
  const client = await pool.connect()
  await client.query('BEGIN')
  const { rows } = await database.pool.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(pid, 10_000) AS ended FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  )
  expect(rows).toEqual([{ ended: true }])
  await expect(client.query('COMMIT')).rejects.toThrow()
  client.release(true)
  expect((await pool.query('SELECT 1')).rowCount).toBe(1)
})
