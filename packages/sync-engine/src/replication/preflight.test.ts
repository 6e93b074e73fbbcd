import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startPostgres } from '@sealbook/pg-runtime'
import { createTestDatabase, postgresMajor, type TestDatabase } from '@sealbook/testing'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startHost } from '../fixture/host.ts'
import { sourceSql } from '../fixture/source.ts'
import { checkSetup, SetupError } from './preflight.ts'

vi.setConfig({ testTimeout: 60_000 })

describe('the check of the set-up', () => {
  let database: TestDatabase
  let role: string
  let client: pg.Client

  beforeEach(async () => {
    database = await createTestDatabase()
    await database.pool.query(sourceSql)
    role = new URL(database.url).pathname.slice(1).replace('test_', 'role_')
    await database.pool.query(
      `CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'pw';
       GRANT SELECT ON memberships, notes TO ${role};
       CREATE SCHEMA sealbook_sync AUTHORIZATION ${role}`,
    )
    const url = new URL(database.url)
    url.username = role
    url.password = 'pw'
    client = new pg.Client({ connectionString: url.href })
    await client.connect()
  })

  afterEach(async () => {
    await client.end()
    await database.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await database.drop()
  })

  const check = () => checkSetup(client, 'powersync', 'sealbook_sync')

  it('is content with the least rights, and the engine runs with them', async () => {
    await expect(check()).resolves.toBeUndefined()
    const url = new URL(database.url)
    url.username = role
    url.password = 'pw'
    const host = await startHost({ databaseUrl: url.href })
    expect(host.engine.ready()).toBe(true)
    await host.close()
  })

  it.each([
    ['no right to replicate', 'ALTER ROLE :role NOREPLICATION', /ALTER ROLE "role_.*" REPLICATION/],
    ['nowhere to keep its tables', 'DROP SCHEMA sealbook_sync', /CREATE SCHEMA sealbook_sync/],
    ['no publication', 'DROP PUBLICATION powersync', /CREATE PUBLICATION "powersync" FOR TABLE/],
    [
      'a publication of everything',
      'DROP PUBLICATION powersync; CREATE PUBLICATION powersync FOR ALL TABLES',
      /DROP PUBLICATION "powersync"/,
    ],
    [
      'a table it may not read',
      'REVOKE SELECT ON notes FROM :role',
      /GRANT SELECT ON public\.notes TO "role_/,
    ],
    [
      'a table without a key',
      'ALTER TABLE notes DROP CONSTRAINT notes_pkey',
      /Rows of public\.notes cannot.*REPLICA IDENTITY FULL/,
    ],
  ])('says what to do about %s', async (_, fault, remedy) => {
    await database.pool.query(fault.replace(':role', role))
    await expect(check()).rejects.toThrow(SetupError)
    await expect(check()).rejects.toThrow(remedy)
  })

  it('takes a table without a key whose whole row is its identity', async () => {
    await database.pool.query(
      'ALTER TABLE notes DROP CONSTRAINT notes_pkey; ALTER TABLE notes REPLICA IDENTITY FULL',
    )
    await expect(check()).resolves.toBeUndefined()
  })
})

describe('the check of a Postgres', () => {
  it.each([
    [{ wal_level: 'replica' }, /ALTER SYSTEM SET wal_level = logical/],
    [{ max_replication_slots: '1' }, /max_replication_slots/],
  ])('started with %j says what to do', async (settings, remedy) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'sync-engine-setup-'))
    await chmod(directory, 0o711) // Postgres may run as another account
    const postgres = await startPostgres({
      dataDir: path.join(directory, 'data'),
      major: postgresMajor(),
      settings,
    })
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    await client.query(sourceSql)
    if ('max_replication_slots' in settings) {
      await client.query(`SELECT pg_create_physical_replication_slot('someone_else')`)
    }
    await expect(checkSetup(client, 'powersync', 'sealbook_sync')).rejects.toThrow(remedy)
    await client.end()
    await postgres.stop()
    await rm(directory, { recursive: true })
  })
})
