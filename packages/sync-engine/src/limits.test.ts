import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, type HostOptions, startHost } from './fixture/host.ts'
import { addMember, generateNotes, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

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

async function start(options: Partial<HostOptions>): Promise<void> {
  host = await startHost({ databaseUrl: database.url, ...options })
}

async function open(userId: string): Promise<Client> {
  const client = await openClient({ host, userId, pool: database.pool })
  clients.push(client)
  return client
}

/** A request for a stream over a socket that never reads the answer. */
async function requestWithoutReading(): Promise<Socket> {
  const { hostname, port, pathname } = new URL(host.url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  socket.pause()
  const body = '{"raw_data":true}'
  socket.write(
    `POST ${pathname}/sync/stream HTTP/1.1\r\nHost: ${hostname}\r\n` +
      `Authorization: Token ${await host.token(user)}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  )
  return socket
}

describe('limits', () => {
  it('refuses one stream too many with 429, and its client gets in once there is room', async () => {
    await start({ engine: { limits: { perUser: 1 } } })
    const first = await open(user)
    await first.connect()
    await first.db.waitForFirstSync()
    const second = await open(user)
    const connected = second.connect()
    await expect.poll(() => host.statuses, { timeout: 30_000 }).toContain(429)
    const other = await open(randomUUID())
    await other.connect()
    await other.db.waitForFirstSync()
    await first.db.disconnect()
    await second.db.waitForFirstSync()
    await connected
  })

  it('names the limit as the PowerSync Service does', async () => {
    await start({ engine: { limits: { total: 0 } } })
    const response = await fetch(`${host.url}/sync/stream`, {
      method: 'POST',
      headers: { Authorization: `Token ${await host.token(user)}` },
      body: '{}',
    })
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toMatchObject({ error: { code: 'PSYNC_S2304', status: 429 } })
  })

  it('spends no more on a client that does not read than on one that does', async () => {
    const rows = 6_000
    const rowBytes = 4_000
    await generateNotes(database.pool, workspace, rows)
    await database.pool.query(`UPDATE notes SET body = repeat('y', ${rowBytes})`)
    const responses: ServerResponse[] = []
    await start({ onResponse: (res) => responses.push(res) })
    const socket = await requestWithoutReading()
    await expect
      .poll(() => responses[0]?.writableNeedDrain, { timeout: 30_000, interval: 10 })
      .toBe(true)
    const before = host.opsSent
    // Another client downloads everything meanwhile, and changes still arrive.
    const client = await open(user)
    await client.connect()
    await client.until((notes) => notes.length === rows)
    expect(host.opsSent - before).toBeLessThan(rows * 1.6)
    expect(before).toBeLessThan(rows * 0.6)
    expect(responses[0]?.writableLength).toBeLessThan(1024 * 1024)
    await generateNotes(database.pool, workspace, 1)
    await client.until((notes) => notes.length === rows + 1)
    socket.destroy()
  })
})
