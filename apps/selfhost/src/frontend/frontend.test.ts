import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleFrontend } from '../../bundle-frontend.mjs'
import { readFrontendConfig } from './config.ts'
import { startFrontend, type Frontend } from './frontend.ts'

let folder: string
let backend: Upstream
let powersync: Upstream
let frontend: Frontend
let origin: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sealbook-frontend-'))
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>app')
  await writeFile(path.join(folder, 'leave.html'), '<script>leave()</script>')
  backend = await listen(echo)
  powersync = await listen(streamForever)
  frontend = await startFrontend(config({}), folder)
  origin = `http://127.0.0.1:${frontend.port}`
})

afterAll(async () => {
  await frontend.stop()
  await Promise.all([backend.close(), powersync.close()])
  await rm(folder, { recursive: true })
})

describe('the frontend container', () => {
  it('serves the page under the same headers as the one process does', async () => {
    const page = await fetch(`${origin}/transactions`, { headers: { accept: 'text/html' } })
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>app'])
    expect(page.headers.get('content-security-policy')).toMatch(/connect-src 'self';/)
    expect(page.headers.get('cache-control')).toBe('no-cache')
  })

  it.each(['/api/sync/upload?a=%2Fb', '/.well-known/jwks.json'])(
    'passes %s on as it came, and the answer with its cookies',
    async (url) => {
      const body = JSON.stringify({ marker: 'ü'.repeat(100_000) })
      const headers = { 'content-type': 'application/json', cookie: 'session=1' }
      const answer = await fetch(`${origin}${url}`, { method: 'POST', body, headers })
      const seen = (await answer.json()) as Echo
      expect(seen).toMatchObject({ method: 'POST', url, body })
      expect(seen.headers).toMatchObject(headers)
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      expect(answer.headers.get('x-frame-options')).toBe('DENY')
    },
  )

  it('tells the client’s own address, and not the one that the client claims', async () => {
    const claimed = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
    const direct = (await (await fetch(`${origin}/api/me`, { headers: claimed })).json()) as Echo
    expect(direct.headers['x-forwarded-for']).toBe('127.0.0.1')
    expect(direct.headers['x-forwarded-proto']).toBe('http')
    const behindProxy = await startFrontend(config({ TRUST_PROXY: '127.0.0.1' }), folder)
    const answer = await fetch(`http://127.0.0.1:${behindProxy.port}/api/me`, { headers: claimed })
    const { headers } = (await answer.json()) as Echo
    expect(headers['x-forwarded-for']).toBe('203.0.113.9')
    expect(headers['x-forwarded-proto']).toBe('https')
    await behindProxy.stop()
  })

  it('holds many sync streams at once, each line as it comes, and ends them with the client', async () => {
    const leaving = new AbortController()
    const readers = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const url = `${origin}/powersync/sync/stream`
        const answer = await fetch(url, { method: 'POST', body: '{}', signal: leaving.signal })
        const reader = answer.body?.getReader()
        const first = await reader?.read()
        return Buffer.from(first?.value ?? []).toString()
      }),
    )
    expect(readers).toEqual(Array.from({ length: 300 }, () => '{"checkpoint":1}\n'))
    expect(powersync.open.size).toBe(300)
    leaving.abort()
    await expect.poll(() => powersync.open.size).toBe(0)
  })

  it.each([
    '/powersync/api/admin/v1/diagnostics',
    '/powersync/metrics',
    '/powersync/',
    '/powersync/sync/../api/admin/v1/diagnostics',
    '/powersync/sync/%2e%2e/api/admin/v1/diagnostics',
    '/powersync/sync\\..\\api\\admin/v1/diagnostics',
    '/powersync//upstream/sync/stream',
  ])('keeps %s of the sync service inside', async (url) => {
    const seenBefore = powersync.requests
    expect(await statusOf(url)).toBe(404)
    expect(powersync.requests).toBe(seenBefore)
  })

  it('answers 503 while a service is away, and tells nothing about it', async () => {
    const gone = await listen(echo)
    await gone.close()
    const alone = await startFrontend(config({ BACKEND_URL: gone.url }), folder)
    const answer = await fetch(`http://127.0.0.1:${alone.port}/api/health`)
    expect([answer.status, await answer.text()]).toEqual([503, 'Sealbook is starting.'])
    expect(answer.headers.get('retry-after')).toBe('1')
    await alone.stop()
  })

  it('runs from one file, names what is missing, and stops on SIGTERM', async () => {
    const file = path.join(folder, 'frontend.mjs')
    await bundleFrontend(file)
    const env = { PATH: process.env['PATH'], SITE_DIR: folder, PORT: '0', HOST: '127.0.0.1' }
    const incomplete = spawn(process.execPath, [file], { env })
    expect(await text(incomplete.stderr)).toContain('PUBLIC_URL')
    const complete = { ...env, ...addresses() }
    const child = spawn(process.execPath, [file], { env: complete })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = /port (\d+)/.exec(line.toString())?.[1]
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})

/** `fetch` would tidy the path up. */
async function statusOf(path: string): Promise<number | undefined> {
  const call = request({ port: frontend.port, host: '127.0.0.1', path, method: 'POST' }).end()
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

function addresses() {
  return {
    PUBLIC_URL: 'http://localhost:4173',
    BACKEND_URL: backend.url,
    POWERSYNC_URL: powersync.url,
  }
}

function config(overrides: Record<string, string>) {
  return readFrontendConfig({ PORT: '0', HOST: '127.0.0.1', ...addresses(), ...overrides })
}

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  response.setHeader('set-cookie', ['a=1', 'b=2'])
  const { method, url, headers } = request
  response.end(JSON.stringify({ method, url, headers, body }))
}

function streamForever(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  response.write('{"checkpoint":1}\n')
}

interface Upstream {
  readonly url: string
  readonly open: ReadonlySet<ServerResponse>
  readonly requests: number
  close(): Promise<void>
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Upstream> {
  const open = new Set<ServerResponse>()
  let requests = 0
  const server: Server = createServer((request, response) => {
    requests += 1
    open.add(response)
    response.once('close', () => open.delete(response))
    void handle(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open,
    get requests() {
      return requests
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
