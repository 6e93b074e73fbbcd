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
import { expectSettled, writeNote } from './fixture/settle.ts'
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
const clients: Client[] = []

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
  client = await connectClient()
  await client.until((notes) => notes.length === 50)
})

afterEach(async () => {
  for (const each of clients.splice(0)) await each.close()
  await host.close()
  await pool.end()
  await postgres.stop()
  await rm(directory, { recursive: true, force: true })
})

async function connectClient(): Promise<Client> {
  const opened = await openClient({
    host,
    userId: user,
    get pool() {
      return pool // of the moment: the client outlives it
    },
  })
  clients.push(opened)
  await opened.connect()
  return opened
}

/** As the README says: stopped, copied, started again. */
async function backUp(): Promise<void> {
  await stop()
  await run('cp', ['-a', dataDir(), `${dataDir()}.copy`])
  await start()
}

async function putBack(): Promise<void> {
  await stop()
  await rm(dataDir(), { recursive: true })
  await run('cp', ['-a', `${dataDir()}.copy`, dataDir()])
  await start()
}

const settled = (some: readonly Client[] = clients) => expectSettled({ host, pool, clients: some })

const write = (by: Client, title: string) => writeNote({ pool }, by, workspace, title)

describe('Postgres’ files, copied and put back', () => {
  it('leave every device with what they have, above all the one that wrote last', async () => {
    const other = await connectClient()
    const away = await connectClient()
    await away.until((notes) => notes.length === 50)
    await away.db.disconnect()
    await backUp()
    await host.startEngine()
    await insertNotes(pool, [note(workspace, { title: 'lost' }), note(workspace)])
    await pool.query(`UPDATE notes SET title = 'lost too' WHERE amount < 10`)
    await pool.query(`DELETE FROM notes WHERE amount = 20`)
    await write(client, 'mine, and lost')
    await settled([client, other])

    await putBack()
    await host.startEngine()
    await away.connect()
    await settled()
    await insertNotes(pool, [note(workspace, { title: 'found' })])
    await pool.query(`UPDATE notes SET title = 'found too' WHERE amount > 40`)
    await settled()
    await write(client, 'mine again')
    await write(other, 'and the other’s')
    await settled()
    expect(await client.notes()).toHaveLength(53)
  })

  it('may be put back again and again', async () => {
    await backUp()
    await host.startEngine()
    for (let time = 1; time <= 3; time++) {
      await write(client, `lost ${time}`)
      await settled()
      await putBack()
      await host.startEngine()
      await insertNotes(pool, [note(workspace, { title: `found ${time}` })])
      await settled()
    }
  })

  it('may be older by more than they hold', async () => {
    await pool.query('DELETE FROM notes WHERE amount > 1')
    await client.until((notes) => notes.length === 1)
    await backUp()
    await host.startEngine()
    await generateNotes(pool, workspace, 3_000)
    await write(client, 'the last')
    await settled()
    await putBack()
    await host.startEngine()
    await settled()
    await insertNotes(pool, [note(workspace, { title: 'the second' })])
    await settled()
    expect(await client.notes()).toHaveLength(2)
  })

  it('may be put back while the clock is an hour behind', async () => {
    const hourAhead = () => Date.now() + 3_600_000
    await host.stopEngine()
    await pool.query('DROP SCHEMA sealbook_sync CASCADE')
    await backUp()
    await host.startEngine({ engine: { now: hourAhead } })
    await write(client, 'mine, and lost')
    await settled()
    const lost = await highestOp()
    await putBack()
    await host.startEngine({ engine: { now: Date.now } })
    await expect.poll(highestOp, { timeout: 20_000 }).toBeGreaterThanOrEqual(lost)
    await settled()
    await insertNotes(pool, [note(workspace, { title: 'found' })])
    await settled()
    expect(await highestOp()).toBeGreaterThan(lost)
    await write(client, 'mine again')
    await settled()
  })
})

async function highestOp(): Promise<number> {
  const { rows } = await pool.query<{ op: number }>(
    'SELECT last_op_id::float8 AS op FROM sealbook_sync.engine_state',
  )
  return rows[0]?.op ?? 0
}

describe('Postgres’ files', () => {
  it('untouched, and the clock set back an hour: nobody waits', async () => {
    await host.stopEngine()
    await host.startEngine({ engine: { now: () => Date.now() + 3_600_000 } })
    await write(client, 'mine')
    await settled()
    const sent = host.opsSent
    await host.stopEngine()
    await host.startEngine({ engine: { now: Date.now } })
    await insertNotes(pool, [note(workspace, { title: 'later' })])
    await settled()
    expect(host.opsSent - sent).toBe(1)
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
    await settled()
    expect(await client.notes()).toHaveLength(42)
  })
})
