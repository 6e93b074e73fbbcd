import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from './migrate.ts'
import { grantPublishedTables } from './sync-role.ts'

describe('grantPublishedTables', () => {
  const role = `sync "role" ${randomUUID()}`
  const quoted = `"${role.replaceAll('"', '""')}"`
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    await migrate(database.pool)
    await database.pool.query(`CREATE ROLE ${quoted}`)
  })
  afterAll(async () => {
    await database.pool.query(`DROP OWNED BY ${quoted}; DROP ROLE ${quoted}`)
    await database.drop()
  })

  it('lets the role read what is published and nothing else', async () => {
    await database.pool.query(`GRANT SELECT, INSERT ON auth_user TO ${quoted}`)
    await Promise.all([1, 2].map(() => grantPublishedTables(database.pool, role)))
    const { rows } = await database.pool.query<{ table: string; privileges: string[] }>(
      `SELECT table_name AS "table", array_agg(privilege_type::text) AS privileges
         FROM information_schema.role_table_grants WHERE grantee = $1 GROUP BY 1 ORDER BY 1`,
      [role],
    )
    const published = await database.pool.query<{ tablename: string }>(
      `SELECT tablename FROM pg_publication_tables WHERE pubname = 'powersync' ORDER BY 1`,
    )
    expect(rows.length).toBeGreaterThan(3)
    expect(rows.map(({ table }) => table).sort()).toEqual(
      published.rows.map(({ tablename }) => tablename).sort(),
    )
    expect(new Set(rows.flatMap(({ privileges }) => privileges))).toEqual(new Set(['SELECT']))
  })

  it('fails for a role that does not exist', async () => {
    await expect(grantPublishedTables(database.pool, 'nobody here')).rejects.toMatchObject({
      code: '42704',
    })
  })
})
