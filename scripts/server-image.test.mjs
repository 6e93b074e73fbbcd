import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../apps/server/deploy.mjs'
import { freePort } from '../packages/pg-runtime/src/index.ts'
import { createTestDatabase } from '../packages/testing/src/index.ts'
import { root } from './run.mjs'

const megabyte = 1024 * 1024

let folder
let out
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sealbook-server-image-'))
  await chmod(folder, 0o755)
  out = path.join(folder, 'out')
  const previous = process.umask(0o077)
  try {
    await deploy(out)
  } finally {
    process.umask(previous)
  }
})
afterAll(() => rm(folder, { recursive: true }))

describe('what the backend’s image holds', () => {
  it('is what its Dockerfile builds', async () => {
    const dockerfile = await readFile(path.join(root, 'apps/server/Dockerfile'), 'utf8')
    expect(dockerfile).toMatch(/^ {2}&& node apps\/server\/deploy\.mjs \/out$/m)
    expect(dockerfile).toMatch(/^COPY --from=build \/out \.$/m)
    expect(dockerfile).toMatch(/^CMD \["node", .*"dist\/main\.js"\]$/m)
  })

  it('is the bundle, the SQL and few packages: no source, no test, no link', async () => {
    expect((await readdir(out)).sort()).toEqual([
      'dist',
      'migrations',
      'node_modules',
      'package.json',
    ])
    const entries = await readdir(out, { recursive: true, withFileTypes: true })
    let bytes = 0
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name)
      const relative = path.relative(out, file)
      expect([relative, entry.isFile() || entry.isDirectory()]).toEqual([relative, true])
      expect(relative).not.toMatch(/\.(ts|map)$|(^|[\\/])(tests?|src)([\\/]|$)|\.test\./)
      const { size, mode } = await stat(file)
      expect([relative, mode & 0o777]).toEqual([relative, entry.isFile() ? 0o644 : 0o755])
      if (entry.isFile()) bytes += size
    }
    expect(bytes).toBeLessThan(20 * megabyte)
  })

  it('runs by itself, with its documentation', { timeout: 150_000 }, async () => {
    const database = await createTestDatabase()
    const port = await freePort()
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd: out,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: database.url,
        PUBLIC_URL: 'http://localhost:4173',
        SYNC_URL: 'http://localhost:7001',
        AUTH_SECRET: 'a secret of at least thirty-two characters',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const status = async (url) =>
      (await fetch(`http://127.0.0.1:${port}${url}`).catch(() => undefined))?.status
    await expect.poll(() => status('/api/health'), { timeout: 120_000 }).toBe(200)
    for (const url of ['/api/docs/', '/api/docs/json', '/api/docs/static/swagger-ui.css']) {
      expect([url, await status(url)]).toEqual([url, 200])
    }
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
    await database.drop()
  })
})
