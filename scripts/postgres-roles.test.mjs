import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../packages/pg-runtime/src/index.ts'
import { migrate } from '../apps/server/src/plugins/migrate.ts'
import { grantPublishedTables } from '../apps/server/src/plugins/sync-role.ts'
import { root } from './run.mjs'

const pg = createRequire(path.join(root, 'apps/server/package.json'))('pg')
const rolesFile = path.join(root, 'powersync/postgres/roles.sql')
const password = () => randomBytes(16).toString('hex')
const variables = {
  app_password: password(),
  source_password: password(),
  storage_password: password(),
}

// A cluster of its own: roles belong to all databases of one.
let dataDir
let postgres
let app
const pools = []
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'sealbook-roles-'))
  // The major version that docker-compose.yml pins.
  postgres = await startPostgres({ dataDir, major: 16, settings: { fsync: 'off' } })
  const admin = connect(new URL(postgres.url))
  for (const statement of await statements()) await admin.query(statement)
  app = as('sealbook_app', 'app_password', 'sealbook')
  await migrate(app)
  await grantPublishedTables(app, 'powersync_source')
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()))
  await postgres.stop()
  await rm(dataDir, { recursive: true })
})

/** As psql reads the file: `\\getenv`, `:'variable'`, statement by statement. */
async function statements() {
  const text = (await readFile(rolesFile, 'utf8')).replaceAll(/--.*$/gm, '')
  const named = new Set([...text.matchAll(/^\\getenv (\w+) \w+$/gm)].map(([, name]) => name))
  expect([...named]).toEqual(Object.keys(variables))
  return text
    .replaceAll(/^\\getenv .*$/gm, '')
    .replaceAll(/:'(\w+)'/g, (_, name) => `'${variables[name]}'`)
    .split(';')
    .filter((statement) => statement.trim() !== '')
}

function as(user, passwordName, database) {
  const url = new URL(postgres.url)
  Object.assign(url, { username: user, password: variables[passwordName], pathname: database })
  return connect(url)
}

function connect(url) {
  const pool = new pg.Pool({ connectionString: url.href, max: 2 })
  pool.on('error', () => undefined)
  pools.push(pool)
  return pool
}

const denied = { code: '42501' }

describe('powersync/postgres/roles.sql', () => {
  it('makes three roles, none of them with power over others', async () => {
    const { rows } = await app.query(
      `SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls AS powerful,
              rolreplication FROM pg_roles
        WHERE rolname IN ('sealbook_app', 'powersync_source', 'powersync_storage') ORDER BY 1`,
    )
    expect(rows).toEqual([
      { rolname: 'powersync_source', powerful: false, rolreplication: true },
      { rolname: 'powersync_storage', powerful: false, rolreplication: false },
      { rolname: 'sealbook_app', powerful: false, rolreplication: false },
    ])
  })

  it('lets PowerSync read and replicate what is published, and nothing else', async () => {
    const source = as('powersync_source', 'source_password', 'sealbook')
    expect((await source.query('SELECT * FROM workspace_memberships')).rows).toEqual([])
    const slot = `SELECT pg_create_logical_replication_slot('probe', 'pgoutput', true)`
    expect((await source.query(slot)).rowCount).toBe(1)
    for (const table of ['auth_user', 'auth_session', 'key_slots', 'signing_keys']) {
      await expect(source.query(`SELECT * FROM ${table}`)).rejects.toMatchObject(denied)
    }
    const write = `DELETE FROM workspace_memberships`
    await expect(source.query(write)).rejects.toMatchObject(denied)
    await expect(source.query('CREATE TABLE mine ()')).rejects.toMatchObject(denied)
  })

  it('gives PowerSync’s storage a database of its own, and no other', async () => {
    const storage = as('powersync_storage', 'storage_password', 'powersync_storage')
    await storage.query('CREATE SCHEMA powersync; CREATE TABLE powersync.probe ()')
    for (const [user, name, database] of [
      ['powersync_storage', 'storage_password', 'sealbook'],
      ['powersync_source', 'source_password', 'powersync_storage'],
      ['sealbook_app', 'app_password', 'powersync_storage'],
      ['powersync_source', 'source_password', 'postgres'],
    ]) {
      await expect(as(user, name, database).query('SELECT 1')).rejects.toMatchObject(denied)
    }
  })
})
