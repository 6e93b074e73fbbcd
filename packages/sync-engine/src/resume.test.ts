import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import {
  addMember,
  generateNotes,
  insertNotes,
  note,
  sourceSql,
  syncRulesYaml,
} from './fixture/source.ts'

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
  await generateNotes(database.pool, workspace, 500)
  host = await startHost({ databaseUrl: database.url })
  client = await openClient({ host, userId: user, pool: database.pool })
  await client.connect()
  await client.until((notes) => notes.length === 500)
})

afterEach(async () => {
  await client.close()
  await host.close()
  await database.drop()
})

describe('resuming', () => {
  it('sends nothing again after a reconnect', async () => {
    await client.db.disconnect()
    await insertNotes(database.pool, [note(workspace)])
    const sent = host.opsSent
    await client.connect()
    await client.until((notes) => notes.length === 501)
    expect(host.opsSent - sent).toBe(1)
  })

  it('sends nothing again after a restart of the engine', async () => {
    await insertNotes(database.pool, [note(workspace)])
    await client.until((notes) => notes.length === 501)
    const sent = host.opsSent
    await host.stopEngine()
    await insertNotes(database.pool, [note(workspace)])
    await host.startEngine()
    await client.until((notes) => notes.length === 502)
    expect(host.opsSent - sent).toBe(1)
  })

  it('replays nothing twice when it ends before the slot is confirmed', async () => {
    const slot = `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots
                   WHERE database = current_database()`
    const confirmed = async () => ((await database.pool.query(slot)).rows[0] as { lsn: string }).lsn
    let count = 500
    const add = async () => {
      count += 1
      await insertNotes(database.pool, [note(workspace)])
      await client.until((notes) => notes.length === count)
    }
    // The engine confirms when it comes to it: again, until it ended before that.
    let before: string
    do {
      before = await confirmed()
      await add()
      // Every connection of the engine breaks at once: nothing can be confirmed any more.
      await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND application_name LIKE 'sealbook sync%'`,
      )
    } while ((await confirmed()) !== before)
    const sent = host.opsSent
    await add()
    expect(host.opsSent - sent).toBe(1)
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS ops, count(DISTINCT op_id)::int AS ids FROM sealbook_sync.bucket_ops`,
    )
    // The membership is one more.
    expect(rows).toEqual([{ ops: count + 1, ids: count + 1 }])
  })

  it('confirms the slot once the state is durable', async () => {
    const confirmed = async () => {
      const { rows } = await database.pool.query<{ ok: boolean }>(
        `SELECT confirmed_flush_lsn <= applied_lsn AS ok, confirmed_flush_lsn::text AS lsn
           FROM pg_replication_slots s JOIN sealbook_sync.engine_state e USING (slot_name)`,
      )
      return rows[0] as { ok: boolean; lsn: string }
    }
    const before = await confirmed()
    await insertNotes(database.pool, [note(workspace)])
    await expect.poll(async () => (await confirmed()).lsn, { timeout: 10_000 }).not.toBe(before.lsn)
    expect((await confirmed()).ok).toBe(true)
  })

  it('makes new buckets when the sync rules change', async () => {
    const before = await client.bucketNames()
    await host.stopEngine()
    await host.startEngine({ rules: syncRulesYaml.replace('SELECT *', 'SELECT id, title') })
    await client.until((notes) => notes.length === 500 && notes[0]?.['body'] === null)
    const after = await client.bucketNames()
    expect(after).toHaveLength(2)
    expect(after.filter((name) => before.includes(name))).toEqual([])
  })

  it('takes a new snapshot when the slot is lost', async () => {
    const before = await client.bucketNames()
    await host.stopEngine()
    // Postgres lets go of the slot a moment after the connection is closed.
    const activeSlots = async () => {
      const { rowCount } = await database.pool.query(
        'SELECT FROM pg_replication_slots WHERE database = current_database() AND active',
      )
      return rowCount
    }
    await expect.poll(activeSlots, { timeout: 10_000 }).toBe(0)
    await database.pool.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE database = current_database()`,
    )
    await insertNotes(database.pool, [note(workspace)])
    await host.startEngine()
    await client.until((notes) => notes.length === 501)
    expect((await client.bucketNames()).filter((name) => before.includes(name))).toEqual([])
  })

  it('takes a new snapshot, by itself, when a table is made anew', async () => {
    const before = await client.bucketNames()
    await database.pool.query(
      `CREATE TABLE remade (LIKE notes INCLUDING ALL);
       INSERT INTO remade (id, workspace_id, title) VALUES (gen_random_uuid(), '${workspace}', 'was there');
       DROP TABLE notes; ALTER TABLE remade RENAME TO notes;
       ALTER PUBLICATION powersync ADD TABLE notes`,
    )
    await insertNotes(database.pool, [note(workspace, { title: 'is new' })])
    await client.until((notes) => notes.length === 2)
    const titles = (await client.notes()).map((row) => row['title']).sort()
    expect(titles).toEqual(['is new', 'was there'])
    expect((await client.bucketNames()).filter((name) => before.includes(name))).toEqual([])
  })
})
