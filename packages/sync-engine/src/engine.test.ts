import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, type ClientOptions, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'

let database: TestDatabase
let host: Host
let clients: Client[]
const user = randomUUID()
const workspace = randomUUID()

beforeEach(async () => {
  clients = []
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await host.close()
  await database.drop()
})

async function open(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await openClient({ host, userId: user, pool: database.pool, ...options })
  clients.push(client)
  await client.connect()
  return client
}

describe('sync engine', () => {
  it('sends what the snapshot holds', async () => {
    await generateNotes(database.pool, workspace, 3_000)
    await generateNotes(database.pool, randomUUID(), 100)
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const notes = await client.notes()
    expect(notes).toHaveLength(3_000)
    expect(host.opsSent).toBe(3_001)
  })

  it('sends live inserts, updates and deletes', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const { id } = note(workspace)
    await insertNotes(database.pool, [note(workspace, { id, title: 'first' })])
    await client.until((notes) => notes[0]?.['title'] === 'first')
    await database.pool.query(`UPDATE notes SET title = 'second' WHERE id = $1`, [id])
    await client.until((notes) => notes[0]?.['title'] === 'second')
    await database.pool.query(`DELETE FROM notes WHERE id = $1`, [id])
    await client.until((notes) => notes.length === 0)
  })

  it('resumes after a reconnect without sending anything again', async () => {
    await generateNotes(database.pool, workspace, 500)
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    await client.db.disconnect()
    await insertNotes(database.pool, [note(workspace)])
    const sent = host.opsSent
    await client.connect()
    await client.until((notes) => notes.length === 501)
    expect(host.opsSent - sent).toBe(1)
  })

  it('resumes after a restart of the engine without sending anything again', async () => {
    await generateNotes(database.pool, workspace, 500)
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    await insertNotes(database.pool, [note(workspace)])
    await client.until((notes) => notes.length === 501)
    const sent = host.opsSent
    await host.stopEngine()
    await insertNotes(database.pool, [note(workspace)])
    await host.startEngine()
    await client.until((notes) => notes.length === 502)
    expect(host.opsSent - sent).toBe(1)
  })
})
