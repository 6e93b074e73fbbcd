import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type PostgresServer, startPostgres } from '@sealbook/pg-runtime'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { expectSettled, writeNote } from './fixture/settle.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'
import { createStoreSql, quoteName } from './store/schema.ts'

/*
 * docs/self-hosting.md, "Restore", step by step, on the Postgres that docker-compose.yml pins.
 * pg_dump does not come with the binaries: COPY writes and reads the same rows.
 */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const user = randomUUID()
const workspace = randomUUID()
const engineSchema = 'sealbook_sync'
let directory: string
let postgres: PostgresServer
let admin: pg.Pool
let pool: pg.Pool
let host: Host
const clients: Client[] = []

const dumpDir = () => path.join(directory, 'dump')
const databaseUrl = () => Object.assign(new URL(postgres.url), { pathname: '/sealbook' }).href

function connect(url: string): pg.Pool {
  const opened = new pg.Pool({ connectionString: url })
  opened.on('error', () => undefined)
  return opened
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sync-engine-dump-'))
  await chmod(directory, 0o711) // Postgres may run as another account, and writes the dump
  await mkdir(dumpDir())
  await chmod(dumpDir(), 0o777)
  postgres = await startPostgres({ dataDir: path.join(directory, 'data'), major: 16 })
  admin = connect(postgres.url)
  await admin.query('CREATE DATABASE sealbook')
  pool = connect(databaseUrl())
  await pool.query(sourceSql)
  await addMember(pool, workspace, user)
  await generateNotes(pool, workspace, 50)
  host = await startHost({ databaseUrl: databaseUrl() })
})

afterEach(async () => {
  for (const each of clients.splice(0)) await each.close()
  await host.close()
  await pool.end()
  await admin.end()
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

const settled = () => expectSettled({ host, pool, clients })

/** A file for each table, the engine's own too: pg_dump takes the whole database. */
async function dump(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname IN ('public', $1) ORDER BY 1`,
    [engineSchema],
  )
  const tables = rows.map(({ name }) => name)
  const client = await pool.connect()
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  for (const name of tables) await client.query(`COPY ${name} TO ${fileOf(name)}`)
  await client.query('COMMIT')
  client.release()
  return tables
}

function fileOf(table: string): string {
  return pg.escapeLiteral(path.join(dumpDir(), `${table}.copy`))
}

async function restore(tables: readonly string[]): Promise<void> {
  await host.stopEngine()
  await pool.end()
  await admin.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
      WHERE database = 'sealbook'`,
  )
  await admin.query('DROP DATABASE IF EXISTS sealbook WITH (FORCE)')
  await admin.query('CREATE DATABASE sealbook')
  pool = connect(databaseUrl())
  await pool.query(sourceSql)
  await pool.query(`CREATE SCHEMA ${quoteName(engineSchema)}; ${createStoreSql(engineSchema)}`)
  for (const name of tables) await pool.query(`COPY ${name} FROM ${fileOf(name)}`)
  await host.startEngine()
}

describe('the runbook’s restore, on Postgres 16', () => {
  it('leaves every device with the dump’s rows, and goes on', async () => {
    const writer = await connectClient()
    const other = await connectClient()
    await settled()
    const tables = await dump()
    expect(tables).toContain('sealbook_sync.engine_state')
    await insertNotes(pool, [note(workspace, { title: 'lost' })])
    await pool.query('DELETE FROM notes WHERE amount < 5')
    await writeNote({ pool }, writer, workspace, 'mine, and lost')
    await settled()

    await restore(tables)
    await settled()
    expect(await other.notes()).toHaveLength(50)
    await insertNotes(pool, [note(workspace, { title: 'found' })])
    await settled()
    await writeNote({ pool }, writer, workspace, 'mine again')
    await settled()

    await restore(tables)
    await settled()
    await writeNote({ pool }, other, workspace, 'once more')
    await settled()
  })
})
