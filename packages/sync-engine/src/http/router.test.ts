import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Host, startHost } from '../fixture/host.ts'
import { addMember, generateNotes, sourceSql } from '../fixture/source.ts'
import { Metrics } from '../operations/metrics.ts'
import { Pulse } from '../operations/pulse.ts'
import { ConnectionLimit } from './connection-limit.ts'
import { createRouter } from './router.ts'
import { ServingState } from '../serving.ts'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

let database: TestDatabase
let host: Host
const user = randomUUID()
const metricsToken = 'for the operator only'

beforeAll(async () => {
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  const workspace = randomUUID()
  await addMember(database.pool, workspace, user)
  await generateNotes(database.pool, workspace, 10)
  host = await startHost({ databaseUrl: database.url, engine: { metricsToken } })
})

afterAll(async () => {
  await host.close()
  await database.drop()
})

describe('who may ask what', () => {
  const nobody = () => Promise.resolve({})
  const person = async () => ({ Authorization: `Token ${await host.token(user)}` })
  const operator = () => Promise.resolve({ Authorization: `Bearer ${metricsToken}` })

  it.each([
    ['GET', '/probes/liveness', 200, 200, 200],
    ['GET', '/probes/readiness', 200, 200, 200],
    ['GET', '/probes/startup', 200, 200, 200],
    ['GET', '/metrics', 401, 401, 200],
    ['GET', '/write-checkpoint2.json', 401, 200, 401],
    ['POST', '/sync/stream', 401, 200, 401],
    ['GET', '/sync/stream', 404, 404, 404],
    ['GET', '/', 404, 404, 404],
    ['GET', '//', 404, 404, 404],
    ['GET', '//[', 404, 404, 404],
    ['GET', '/write-checkpoint2.json/%00', 404, 404, 404],
  ])('%s %s: nobody %i, a person %i, the operator %i', async (method, path, ...statuses) => {
    const seen: number[] = []
    for (const who of [nobody, person, operator]) {
      const stop = new AbortController()
      const response = await fetch(`${host.url}${path}`, {
        method,
        headers: await who(),
        signal: stop.signal,
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
      seen.push(response.status)
      stop.abort()
    }
    expect(seen).toEqual(statuses)
  })
})

describe('GET /metrics', () => {
  async function read(): Promise<Map<string, number>> {
    const response = await fetch(`${host.url}/metrics`, {
      headers: { Authorization: `Bearer ${metricsToken}` },
    })
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line))
    return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
  }

  it('counts connections, operations and what the log does', async () => {
    const before = await read()
    const stop = new AbortController()
    const response = await fetch(`${host.url}/sync/stream`, {
      method: 'POST',
      headers: { Authorization: `Token ${await host.token(user)}` },
      body: '{"raw_data":true}',
      signal: stop.signal,
    })
    const grown = (after: Map<string, number>, name: string) =>
      (after.get(`sealbook_sync_${name}`) ?? NaN) - (before.get(`sealbook_sync_${name}`) ?? NaN)
    await expect.poll(async () => grown(await read(), 'operations_sent_total')).toBe(11)
    const after = await read()
    expect(grown(after, 'connections')).toBe(1)
    expect(grown(after, 'connections_total')).toBe(1)
    expect(grown(after, 'bytes_sent_total')).toBeGreaterThan(11 * 200)
    expect(after.get('sealbook_sync_ready')).toBe(1)
    expect(after.get('sealbook_sync_snapshots_total')).toBe(1)
    for (const name of ['replication_lag_bytes', 'replication_lag_seconds', 'slot_retained_bytes'])
      expect(after.get(`sealbook_sync_${name}`)).toBeGreaterThanOrEqual(0)
    expect(after.get('sealbook_sync_store_bytes')).toBeGreaterThan(0)
    stop.abort()
    await response.body?.cancel().catch(() => undefined)
    await database.pool.query(`UPDATE notes SET title = 'changed'`)
    await expect.poll(async () => grown(await read(), 'changes_applied_total')).toBe(10)
    await expect.poll(async () => grown(await read(), 'connections')).toBe(0)
  })
})

describe('a router without an engine', () => {
  async function statusOf(path: string, pulse: Pulse, token?: string): Promise<number> {
    const handle = createRouter({
      verifyToken: () => Promise.reject(new Error('not asked')),
      visits: null,
      serving: new ServingState(),
      limit: new ConnectionLimit(),
      metrics: new Metrics(),
      metricsToken: token,
      pulse,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    const server = createServer(handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { Authorization: 'Bearer ' },
    })
    server.close()
    server.closeAllConnections()
    return response.status
  }

  it('has no metrics when no token is set', async () => {
    expect(await statusOf('/metrics', new Pulse())).toBe(404)
    expect(await statusOf('/metrics', new Pulse(), 'secret')).toBe(401)
  })

  it('is alive while its loop comes round, and not ready', async () => {
    let now = 0
    const pulse = new Pulse(() => now)
    now = 59_000
    expect(await statusOf('/probes/liveness', pulse)).toBe(200)
    expect(await statusOf('/probes/readiness', pulse)).toBe(503)
    now = 61_000
    expect(await statusOf('/probes/liveness', pulse)).toBe(503)
    pulse.beat()
    expect(await statusOf('/probes/liveness', pulse)).toBe(200)
  })
})
