import { describe, expect, it } from 'vitest'
import { createTestDatabase } from './test-database.ts'

describe('a test database', () => {
  it('is empty, in UTF8 and ready for logical replication', async () => {
    const database = await createTestDatabase()
    const { rows } = await database.pool.query(
      `SELECT current_setting('wal_level') AS wal, current_setting('server_encoding') AS encoding,
              (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS tables`,
    )
    expect(rows).toEqual([{ wal: 'logical', encoding: 'UTF8', tables: 0 }])
    await database.drop()
  })

  it('can be dropped with a replication slot in it', async () => {
    const database = await createTestDatabase()
    await database.pool.query(`SELECT pg_create_logical_replication_slot('left_over', 'pgoutput')`)
    await database.drop()
    const other = await createTestDatabase()
    const { rowCount } = await other.pool.query(
      `SELECT 1 FROM pg_replication_slots WHERE slot_name = 'left_over'`,
    )
    expect(rowCount).toBe(0)
    await other.drop()
  })
})
