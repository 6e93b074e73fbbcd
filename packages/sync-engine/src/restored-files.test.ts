import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type PostgresServer, startPostgres } from '@sealbook/pg-runtime'
import { postgresMajor } from '@sealbook/testing'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'

// A Postgres of its own is started several times.
vi.setConfig({ testTimeout: 120_000 })

const run = promisify(execFile)
const user = randomUUID()
const workspace = randomUUID()
let directory: string
let postgres: PostgresServer
let pool: pg.Pool
let host: Host
let client: Client

const dataDir = () => path.join(directory, 'data')
const settings = { max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' }

async function start(): Promise<void> {
  postgres = await startPostgres({
    dataDir: dataDir(),
    major: postgresMajor(),
    settings,
    ...(postgres ? { port: postgres.port } : {}),
  })
  pool = new pg.Pool({ connectionString: postgres.url })
  pool.on('error', () => undefined)
}

async function stop(): Promise<void> {
  await host.stopEngine()
  await pool.end()
  await postgres.stop()
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sync-engine-restored-'))
  await chmod(directory, 0o711) // Postgres may run as another account
  await start()
  await pool.query(sourceSql)
  await addMember(pool, workspace, user)
  await generateNotes(pool, workspace, 50)
  host = await startHost({ databaseUrl: postgres.url })
  client = await openClient({
    host,
    userId: user,
    get pool() {
      return pool // of the moment: the client outlives it
    },
  })
  await client.connect()
  await client.until((notes) => notes.length === 50)
})

afterEach(async () => {
  await client.close()
  await host.close()
  await pool.end()
  await postgres.stop()
  await rm(directory, { recursive: true, force: true })
})

async function titles(): Promise<string[]> {
  const { rows } = await pool.query<{ title: string }>('SELECT title FROM notes ORDER BY id')
  return rows.map(({ title }) => title)
}

async function expectSame(): Promise<void> {
  const wanted = (await titles()).join()
  await client.until((notes) => notes.map((row) => String(row['title'])).join() === wanted)
}

describe('Postgres’ files', () => {
  it('copied back to an older state: clients that are ahead end with what it has', async () => {
    await stop()
    await run('cp', ['-a', dataDir(), `${dataDir()}.copy`])
    await start()
    await host.startEngine()
    await insertNotes(pool, [note(workspace, { title: 'lost' }), note(workspace)])
    await pool.query(`UPDATE notes SET title = 'lost too' WHERE amount < 10`)
    await client.until((notes) => notes.length === 52)

    await stop()
    await rm(dataDir(), { recursive: true })
    await run('mv', [`${dataDir()}.copy`, dataDir()])
    await start()
    await host.startEngine()
    // The same operation ids come again with other contents.
    await insertNotes(pool, [note(workspace, { title: 'found' })])
    await pool.query(`UPDATE notes SET title = 'found too' WHERE amount > 40`)
    await expectSame()
    expect(await client.notes()).toHaveLength(51)
    await client.db.execute('INSERT INTO notes (id, workspace_id, title) VALUES (uuid(), ?, ?)', [
      workspace,
      'mine',
    ])
    await expect.poll(titles, { timeout: 20_000 }).toContain('mine')
    await expectSame()
  })

  it('without the log that the slot needed: a new snapshot', async () => {
    await host.stopEngine()
    const status = async () => {
      await pool.query('SELECT pg_switch_wal()')
      await pool.query(`SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))`)
      await pool.query('CHECKPOINT')
      const { rows } = await pool.query<{ wal_status: string }>(
        'SELECT wal_status FROM pg_replication_slots',
      )
      return rows[0]?.wal_status
    }
    await expect.poll(status, { timeout: 60_000 }).toBe('lost')
    await insertNotes(pool, [note(workspace, { title: 'later' })])
    await pool.query(`DELETE FROM notes WHERE amount < 10`)
    await host.startEngine()
    await expectSame()
    expect(await client.notes()).toHaveLength(42)
  })
})
