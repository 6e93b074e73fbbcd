import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildApp, createLogger, migrate, SignedInSessions } from '@sealbook/server'
import { startSyncEngine, type SyncEngine } from '@sealbook/sync-engine'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const publicUrl = 'http://localhost:4173'
const logger = createLogger({ level: 'silent' })
const person = { email: 'ada@example.test', password: 'a long enough password' }

let database: TestDatabase
let app: FastifyInstance
let sessions: SignedInSessions
let engine: SyncEngine
let server: Server
const stops: AbortController[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  const { pool, url } = database
  await migrate(pool)
  app = await buildApp({
    pool,
    logger,
    config: { publicUrl, authSecret: 'x'.repeat(32), syncUrl: `${publicUrl}/powersync` },
  })
  sessions = new SignedInSessions({ pool, databaseUrl: url, logger })
  engine = await startEngine(publicUrl)
  server = createServer((request, response) => engine.handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort()
  await engine.close()
  await sessions.close()
  server.closeAllConnections()
  server.close()
  await app.close()
  await database.drop()
})

async function startEngine(issuer: string): Promise<SyncEngine> {
  const rules = new URL('../../../powersync/sync_rules.yaml', import.meta.url)
  const started = await startSyncEngine({
    databaseUrl: database.url,
    syncRulesYaml: await readFile(rules, 'utf8'),
    jwks: async () => (await app.inject('/.well-known/jwks.json')).json(),
    audience: 'powersync',
    issuer,
    sessions,
    logger,
  })
  await started.whenReady()
  return started
}

/** One signed-in browser. */
interface Browser {
  ask(
    method: 'GET' | 'POST',
    url: string,
    payload?: object,
  ): Promise<{ statusCode: number; body: string }>
}

async function signIn(how: 'sign-up' | 'sign-in'): Promise<Browser> {
  const ask = (cookie: string): Browser['ask'] => {
    return async (method, url, payload) =>
      await app.inject({
        method,
        url,
        headers: { origin: publicUrl, cookie },
        ...(method === 'POST' ? { payload: payload ?? {} } : {}),
      })
  }
  const answer = await app.inject({
    method: 'POST',
    url: `/api/auth/${how}/email`,
    headers: { origin: publicUrl },
    payload: how === 'sign-up' ? { ...person, name: 'Sealbook user' } : person,
  })
  expect(answer.statusCode).toBe(200)
  const cookie = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
  return { ask: ask(cookie.join('; ')) }
}

async function tokenOf(browser: Browser): Promise<string> {
  const { body } = await browser.ask('GET', '/api/sync/token')
  return (JSON.parse(body) as { token: string }).token
}

async function openStream(token: string): Promise<{ status: number; ended: Promise<number> }> {
  const stop = new AbortController()
  stops.push(stop)
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/sync/stream`, {
    method: 'POST',
    headers: { authorization: `Token ${token}` },
    body: '{}',
    signal: stop.signal,
  })
  const ended = (async () => {
    await response.text()
    return performance.now()
  })()
  ended.catch(() => undefined) // aborted at the end of the test
  return { status: response.status, ended }
}

async function isOpen({ ended }: { ended: Promise<number> }): Promise<boolean> {
  const wait = new Promise<'open'>((resolve) => setTimeout(() => resolve('open'), 300))
  return (await Promise.race([ended, wait])) === 'open'
}

/** Milliseconds from the start of `end` to the end of the stream. */
async function endsAfter(stream: { ended: Promise<number> }, end: () => Promise<unknown>) {
  const startedAt = performance.now()
  await end()
  return (await stream.ended) - startedAt
}

describe('a sync stream', { timeout: 60_000 }, () => {
  it('ends when its session is ended elsewhere, and its token opens no other', async () => {
    const [one, two] = [await signIn('sign-up'), await signIn('sign-in')]
    const [tokenOne, tokenTwo] = [await tokenOf(one), await tokenOf(two)]
    const [streamOne, streamTwo] = [await openStream(tokenOne), await openStream(tokenTwo)]
    expect([streamOne.status, streamTwo.status]).toEqual([200, 200])
    expect(await isOpen(streamTwo)).toBe(true)
    const took = await endsAfter(streamTwo, () =>
      one.ask('POST', '/api/auth/revoke-other-sessions'),
    )
    expect(took).toBeLessThan(1_000)
    expect((await openStream(tokenTwo)).status).toBe(401)
    expect(await isOpen(streamOne)).toBe(true)
    expect((await openStream(tokenOne)).status).toBe(200)
  })

  it('ends when the person signs out', async () => {
    const browser = await signIn('sign-up')
    const stream = await openStream(await tokenOf(browser))
    expect(await endsAfter(stream, () => browser.ask('POST', '/api/auth/sign-out'))).toBeLessThan(
      1_000,
    )
  })

  it('ends with the account', async () => {
    const stream = await openStream(await tokenOf(await signIn('sign-up')))
    const took = await endsAfter(stream, () => database.pool.query('DELETE FROM auth_user'))
    expect(took).toBeLessThan(1_000)
  })

  it('ends when nobody could hear that its session did', async () => {
    const [one, two] = [await signIn('sign-up'), await signIn('sign-in')]
    const [streamOne, streamTwo] = [
      await openStream(await tokenOf(one)),
      await openStream(await tokenOf(two)),
    ]
    await database.pool.query(
      `ALTER TABLE auth_session DISABLE TRIGGER USER;
       DELETE FROM auth_session WHERE created_at = (SELECT max(created_at) FROM auth_session);
       SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'sealbook sessions'`,
    )
    await streamTwo.ended
    expect(await isOpen(streamOne)).toBe(true)
  })

  it('is refused to a token of another issuer', async () => {
    const token = await tokenOf(await signIn('sign-up'))
    await engine.close()
    engine = await startEngine('https://elsewhere.example')
    expect((await openStream(token)).status).toBe(401)
  })
})
