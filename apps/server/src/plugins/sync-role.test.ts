import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from './migrate.ts'
import {
  findFaults,
  grantPublishedTables,
  prepareSyncRole,
  SyncSetupError,
  type SyncFacts,
} from './sync-role.ts'

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

describe('prepareSyncRole', () => {
  const role = `reader "r" ${randomUUID()}`
  const quoted = `"${role.replaceAll('"', '""')}"`
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.pool)
    await database.pool.query(`CREATE ROLE ${quoted} LOGIN REPLICATION`)
  })
  afterEach(async () => {
    await database.pool.query(`DROP OWNED BY ${quoted}; DROP ROLE ${quoted}`)
    await database.drop()
  })

  it('is content with the least rights, which it completes', async () => {
    await prepareSyncRole(database.pool, role)
    const { rows } = await database.pool.query<{ may: boolean }>(
      `SELECT has_table_privilege($1, 'accounts_encrypt', 'SELECT') AS may`,
      [role],
    )
    expect(rows).toEqual([{ may: true }])
  })

  it('takes nothing from the owner of the tables, who may be the service too', async () => {
    const owner = 'SELECT current_user AS name'
    const { rows } = await database.pool.query<{ name: string }>(owner)
    await prepareSyncRole(database.pool, rows[0]?.name ?? '')
    await database.pool.query(`DELETE FROM workspaces`)
  })

  it.each([
    ['may not log in', 'ALTER ROLE :role NOLOGIN', /ALTER ROLE "reader ""r"" .*" LOGIN;/],
    ['may not replicate', 'ALTER ROLE :role NOREPLICATION', /ALTER ROLE .* REPLICATION;/],
    [
      'may not connect',
      'REVOKE CONNECT ON DATABASE :database FROM PUBLIC',
      /GRANT CONNECT ON DATABASE "test_/,
    ],
    [
      'may not use the schema',
      'REVOKE USAGE ON SCHEMA public FROM PUBLIC',
      /GRANT USAGE ON SCHEMA/,
    ],
    ['finds no publication', 'DROP PUBLICATION powersync', /There is no publication powersync/],
    [
      'finds a publication of everything',
      'DROP PUBLICATION powersync; CREATE PUBLICATION powersync FOR ALL TABLES',
      /FOR ALL TABLES/,
    ],
  ])('says what to do about a role that %s', async (_, fault, remedy) => {
    const name = new URL(database.url).pathname.slice(1)
    await database.pool.query(fault.replace(':role', quoted).replace(':database', name))
    const prepared = prepareSyncRole(database.pool, role)
    await expect(prepared).rejects.toThrow(SyncSetupError)
    await expect(prepared).rejects.toThrow(remedy)
  })

  it('says what to do when there is no such role', async () => {
    await expect(prepareSyncRole(database.pool, 'nobody here')).rejects.toThrow(
      /CREATE ROLE "nobody here" LOGIN REPLICATION/,
    )
  })
})

describe('the faults of a Postgres', () => {
  const sound: SyncFacts = {
    role: 'reader',
    database: 'sealbook',
    version: 160_000,
    walLevel: 'logical',
    freeSlots: 1,
    rights: { login: true, replication: true, connect: true, usage: true },
    publishesAll: false,
    unreadable: [],
  }

  it('are none where all is well', () => {
    expect(findFaults(sound)).toEqual([])
  })

  it.each([
    [{ version: 150_012 }, /Postgres 16/],
    [{ walLevel: 'replica' }, /ALTER SYSTEM SET wal_level = logical/],
    [{ freeSlots: 0 }, /max_replication_slots/],
    [{ unreadable: ['public.a', 'public.b'] }, /GRANT SELECT ON public.a, public.b TO "reader"/],
  ])('are named with what mends them: %j', (fault, remedy) => {
    expect(findFaults({ ...sound, ...fault })).toEqual([expect.stringMatching(remedy)])
  })
})
