import { randomUUID } from 'node:crypto'
import { LogLevels, type LogRecord } from '@powersync/node'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let database: TestDatabase
let host: Host
let clients: Client[]
let log: LogRecord[]
const user = randomUUID()
const workspace = randomUUID()
const rows = 20_000

beforeEach(async () => {
  clients = []
  log = []
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
  await generateNotes(database.pool, workspace, rows)
  host = await startHost({ databaseUrl: database.url })
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await host.close()
  await database.drop()
})

async function open(): Promise<Client> {
  const client = await openClient({
    host,
    userId: user,
    pool: database.pool,
    retryDelayMs: 15_000, // the engine is back before
    onLog: (record) => log.push(record),
  })
  clients.push(client)
  return client
}

const complaints = () =>
  log.filter(({ level }) => level >= LogLevels.warn).map(({ message }) => message)

describe('stopping the engine', () => {
  it('ends the streams of clients so that none logs an error', async () => {
    const idle = await open()
    await idle.connect()
    await idle.until((notes) => notes.length === rows)
    await host.stopEngine()
    await expect.poll(() => idle.db.connected, { timeout: 10_000 }).toBe(false)
    await host.startEngine()
    await insertNotes(database.pool, [note(workspace)])
    await idle.until((notes) => notes.length === rows + 1)
    expect(complaints()).toEqual([])
  })

  it('ends a download between two lines, and what was received is not sent again', async () => {
    const client = await open()
    const connected = client.connect()
    await expect.poll(() => host.opsSent, { timeout: 30_000, interval: 1 }).toBeGreaterThan(0)
    await host.stopEngine()
    const sent = host.opsSent
    expect(sent).toBeLessThan(rows)
    await connected
    await expect.poll(() => client.db.connected, { timeout: 10_000 }).toBe(false)
    await host.startEngine()
    await client.until((notes) => notes.length === rows)
    expect(host.opsSent).toBe(rows + 1)
    expect(complaints()).toEqual([])
  })
})
