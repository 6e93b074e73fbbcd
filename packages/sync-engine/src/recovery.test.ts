import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let database: TestDatabase
let host: Host
let client: Client
const user = randomUUID()
const workspace = randomUUID()

beforeEach(async () => {
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
  await generateNotes(database.pool, workspace, 50)
  host = await startHost({ databaseUrl: database.url })
  client = await openClient({ host, userId: user, pool: database.pool })
  await client.connect()
  await client.until((notes) => notes.length === 50)
})

afterEach(async () => {
  await client.close()
  await host.close()
  await database.drop()
})

const titles = (notes: Record<string, unknown>[]) => notes.map((row) => row['title'])

describe('a new snapshot under new bucket names follows when', () => {
  let before: string[]
  beforeEach(async () => {
    before = await client.bucketNames()
    expect(before).toHaveLength(2)
  })

  /** The client has this note, in buckets that it did not have before. */
  async function expectNew(title: string, count: number): Promise<void> {
    await client.until((notes) => titles(notes).includes(title) && notes.length === count)
    const after = await client.bucketNames()
    expect(after).toHaveLength(2)
    expect(after.filter((name) => before.includes(name))).toEqual([])
  }

  it('a table has left the publication and come back, with other rows', async () => {
    await database.pool.query('ALTER PUBLICATION powersync DROP TABLE notes')
    await insertNotes(database.pool, [note(workspace, { title: 'unseen by the log' })])
    await database.pool.query('ALTER PUBLICATION powersync ADD TABLE notes')
    await expectNew('unseen by the log', 51)
  })

  it('that happened while the engine was down', async () => {
    await host.stopEngine()
    await database.pool.query('ALTER PUBLICATION powersync DROP TABLE notes')
    await insertNotes(database.pool, [note(workspace, { title: 'unseen by the log' })])
    await database.pool.query('ALTER PUBLICATION powersync ADD TABLE notes')
    await host.startEngine()
    await expectNew('unseen by the log', 51)
  })

  it('a table has got another key', async () => {
    await database.pool.query(
      `ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD PRIMARY KEY (id, workspace_id)`,
    )
    await insertNotes(database.pool, [note(workspace, { title: 'two-part key' })])
    await expectNew('two-part key', 51)
  })

  it('the engine’s tables were restored to before what the slot has let go', async () => {
    const tables = ['engine_state', 'source_tables', 'source_rows', 'buckets', 'bucket_ops']
    await host.stopEngine()
    await database.pool.query('CREATE SCHEMA backup')
    for (const table of tables) {
      await database.pool.query(`CREATE TABLE backup.${table} AS TABLE sealbook_sync.${table}`)
    }
    await host.startEngine()
    await insertNotes(database.pool, [note(workspace, { title: 'after the backup' })])
    await client.until((notes) => notes.length === 51)
    await host.stopEngine()
    for (const table of tables) {
      await database.pool.query(`TRUNCATE sealbook_sync.${table}`)
      await database.pool.query(`INSERT INTO sealbook_sync.${table} TABLE backup.${table}`)
    }
    await insertNotes(database.pool, [note(workspace, { title: 'after the restore' })])
    await host.startEngine()
    await expectNew('after the restore', 52)
  })

  it('the database is a copy, beside the one that was copied', async () => {
    await host.stopEngine()
    const copy = await copyDatabase()
    await host.startEngine({ databaseUrl: copy.url })
    await insertNotes(copy.pool, [note(workspace, { title: 'in the copy' })])
    await expectNew('in the copy', 51)
    await host.stopEngine()
    await copy.drop()
    await host.startEngine()
    await client.until((notes) => notes.length === 50)
    expect(await client.bucketNames()).toEqual(before)
  })

  it('Postgres is on another timeline, as after a failover', async () => {
    await host.stopEngine()
    const { rows } = await database.pool.query<{ cluster: string }>(
      `UPDATE sealbook_sync.engine_state SET cluster = replace(cluster, '/00000001', '/00000002')
       RETURNING cluster`,
    )
    expect(rows[0]?.cluster).toMatch(/^\d+\/00000002$/)
    await insertNotes(database.pool, [note(workspace, { title: 'elsewhere' })])
    await host.startEngine()
    await expectNew('elsewhere', 51)
  })
})

async function copyDatabase(): Promise<TestDatabase> {
  const copy = await createTestDatabase()
  const name = (url: string) => new URL(url).pathname.slice(1)
  // The copy takes the place of an empty database, which its owner drops in the end.
  await copy.pool.query('SELECT 1')
  const admin = await createTestDatabase()
  const isolated = async (target: string) => {
    await admin.pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [target],
    )
    const { rows } = await admin.pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1',
      [target],
    )
    return rows[0]?.count
  }
  await admin.pool.query(`DROP DATABASE ${name(copy.url)} WITH (FORCE)`)
  await expect.poll(() => isolated(name(database.url)), { timeout: 10_000 }).toBe(0)
  await admin.pool.query(`CREATE DATABASE ${name(copy.url)} TEMPLATE ${name(database.url)}`)
  await admin.drop()
  return copy
}

describe('a client', () => {
  it('whose bucket is damaged finds it by the checksum, downloads it anew, and rests', async () => {
    await client.db.disconnect()
    await client.db.execute(
      `DELETE FROM ps_oplog WHERE rowid IN
         (SELECT rowid FROM ps_oplog WHERE row_type = 'notes' ORDER BY rowid LIMIT 10)`,
    )
    await client.db.execute(
      `UPDATE ps_buckets SET add_checksum = (add_checksum + 1) % 4294967296
        WHERE name LIKE '%by_workspace%'`,
    )
    const sent = host.opsSent
    await client.connect()
    await insertNotes(database.pool, [note(workspace, { title: 'next' })])
    await client.until((notes) => notes.length === 51 && titles(notes).includes('next'))
    expect(host.opsSent - sent).toBeGreaterThanOrEqual(51)
    expect(await client.db.getAll(`SELECT * FROM ps_oplog WHERE row_type = 'notes'`)).toHaveLength(
      51,
    )
    const streams = host.statuses.length
    const settled = host.opsSent
    await insertNotes(database.pool, [note(workspace)])
    await client.until((notes) => notes.length === 52)
    expect(host.opsSent - settled).toBe(1)
    expect(host.statuses.length).toBe(streams)
  })
})
