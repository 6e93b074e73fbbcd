import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSite } from './site.ts'

let root: string
let site: FastifyInstance

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'sealbook-site-'))
  await mkdir(path.join(root, 'assets'))
  await writeFile(path.join(root, 'index.html'), '<!doctype html>app')
  await writeFile(path.join(root, 'leave.html'), '<script>leave()</script>')
  await writeFile(path.join(root, 'sw.js'), '// worker')
  await writeFile(path.join(root, 'assets/app-1a2b.js'), 'let plain')
  await writeFile(path.join(root, 'assets/app-1a2b.js.br'), 'brotli')
  await writeFile(path.join(root, 'assets/sqlite-1a2b.wasm'), 'wasm')
  site = await buildSite(root)
})

afterAll(async () => {
  await site.close()
  await rm(root, { recursive: true })
})

const html = { accept: 'text/html,application/xhtml+xml' }

describe('the site', () => {
  it.each(['/', '/index.html', '/transactions', '/transactions/2024-01?q=a%20b'])(
    'answers %s with a page that is asked for again each time',
    async (url) => {
      const answer = await site.inject({ url, headers: html })
      expect(answer.statusCode).toBe(200)
      expect(answer.body).toBe('<!doctype html>app')
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.headers['content-type']).toMatch(/^text\/html/)
    },
  )

  it('puts the page between two documents into a sandbox, where its own script alone runs', async () => {
    const answer = await site.inject({ url: '/leave.html', headers: html })
    const hash = createHash('sha256').update('leave()').digest('base64')
    const policy = String(answer.headers['content-security-policy'])
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `script-src 'sha256-${hash}'`,
        'sandbox allow-scripts',
      ]),
    )
  })

  it('lets hashed files be kept for ever', async () => {
    const answer = await site.inject('/assets/sqlite-1a2b.wasm')
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(answer.headers['content-type']).toBe('application/wasm')
  })

  it('has the service worker asked for again each time', async () => {
    const answer = await site.inject('/sw.js')
    expect(answer.headers['cache-control']).toBe('no-cache')
    const again = await site.inject({
      url: '/sw.js',
      headers: { 'if-none-match': String(answer.headers['etag']) },
    })
    expect(again.statusCode).toBe(304)
  })

  it('sends the compressed copy to those who understand it', async () => {
    const url = '/assets/app-1a2b.js'
    const compressed = await site.inject({ url, headers: { 'accept-encoding': 'gzip, br' } })
    expect(compressed.headers['content-encoding']).toBe('br')
    expect(compressed.body).toBe('brotli')
    expect(compressed.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await site.inject(url)).body).toBe('let plain')
  })

  it('never answers a missing file with a page', async () => {
    const answer = await site.inject({ url: '/assets/app-old.js', headers: { accept: '*/*' } })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['cache-control']).toBeUndefined()
  })

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/assets/..%5c..%5cx',
  ])('keeps to its folder: %s', async (url) => {
    expect((await site.inject(url)).statusCode).toBeGreaterThanOrEqual(400)
  })

  it('takes no writes', async () => {
    const answer = await site.inject({ method: 'POST', url: '/transactions', headers: html })
    expect(answer.statusCode).toBe(404)
  })
})
