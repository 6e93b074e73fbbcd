import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, type ClientOptions, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, insertNotes, note, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let database: TestDatabase
let host: Host
let clients: Client[]
const user = randomUUID()
const workspace = randomUUID()
const other = randomUUID()

beforeEach(async () => {
  clients = []
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
  await insertNotes(database.pool, [
    note(workspace, { title: 'here' }),
    note(other, { title: 'there' }),
  ])
  host = await startHost({ databaseUrl: database.url })
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

const titles = (notes: Record<string, unknown>[]) => notes.map((row) => row['title']).sort()

describe('access', () => {
  it('follows memberships that are added and removed', async () => {
    const client = await open()
    await client.until((notes) => notes.length === 1)
    expect(titles(await client.notes())).toEqual(['here'])

    const membership = await addMember(database.pool, other, user)
    await client.until((notes) => notes.length === 2)
    expect(titles(await client.notes())).toEqual(['here', 'there'])
    await insertNotes(database.pool, [note(other, { title: 'new there' })])
    await client.until((notes) => notes.length === 3)

    await database.pool.query('DELETE FROM memberships WHERE id = $1', [membership])
    await client.until((notes) => notes.length === 1)
    const memberships = await client.db.getAll('SELECT workspace_id FROM memberships')
    expect(memberships).toEqual([{ workspace_id: workspace }])
  })

  it('shows a membership and its rows at once when they are made in one transaction', async () => {
    const client = await open()
    await client.until((notes) => notes.length === 1)
    const made = randomUUID()
    const seen: number[] = []
    await database.pool.query(
      `BEGIN; INSERT INTO memberships VALUES (gen_random_uuid(), '${made}', '${user}', 'owner');
       INSERT INTO notes (id, workspace_id) VALUES (gen_random_uuid(), '${made}');
       INSERT INTO notes (id, workspace_id) VALUES (gen_random_uuid(), '${made}'); COMMIT`,
    )
    await client.until((notes) => {
      seen.push(notes.length)
      return notes.length === 3
    })
    expect(seen).not.toContain(2)
  })

  it('follows a row that moves between workspaces', async () => {
    const client = await open()
    const stranger = randomUUID()
    await addMember(database.pool, other, stranger)
    const neighbour = await open({ userId: stranger })
    await client.until((notes) => notes.length === 1)
    await neighbour.until((notes) => notes.length === 1)
    await database.pool.query(`UPDATE notes SET workspace_id = $1 WHERE title = 'here'`, [other])
    await client.until((notes) => notes.length === 0)
    await neighbour.until((notes) => notes.length === 2)
  })

  it('refuses an expired token with 401, after which the client fetches another', async () => {
    const client = await open({ lifetimesSeconds: [-120, 300] })
    await client.until((notes) => notes.length === 1)
    expect(host.statuses).toContain(401)
    expect(client.tokensFetched).toBe(2)
  })

  it('ends the stream with the token, after which the client goes on with another', async () => {
    const client = await open({ lifetimesSeconds: [2, 300] })
    await client.until((notes) => notes.length === 1)
    await expect.poll(() => client.tokensFetched, { timeout: 15_000 }).toBe(2)
    await insertNotes(database.pool, [note(workspace)])
    await client.until((notes) => notes.length === 2)
  })

  it('answers refusals in the shape of the PowerSync Service', async () => {
    const response = await fetch(`${host.url}/sync/stream`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      error: {
        name: 'AuthorizationError',
        status: 401,
        code: 'PSYNC_S2106',
        description: 'Authentication required',
      },
    })
    const preflight = await fetch(`${host.url}/sync/stream`, { method: 'OPTIONS' })
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
  })
})
