import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '@sealbook/pg-runtime'
import { createTestDatabase } from '@sealbook/testing'
import { bundle } from '../bundle.mjs'

// The built process, its embedded Postgres and all, with a one-page site.
const buildDir = path.join(import.meta.dirname, `../.cache/process-test-${process.pid}`)
const mainFile = path.join(buildDir, 'selfhost/dist/main.js')
let bundled: string[]
let folder: string
let port: number
const running = new Set<ChildProcess>()

beforeAll(async () => {
  bundled = await bundle(path.dirname(mainFile))
  await mkdir(path.join(buildDir, 'web/dist'), { recursive: true })
  await writeFile(path.join(buildDir, 'web/dist/index.html'), '<!doctype html>app')
  await writeFile(path.join(buildDir, 'web/dist/leave.html'), '<script>x</script>')
})

afterAll(() => rm(buildDir, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sealbook-selfhost-'))
  port = await freePort()
})

afterEach(async () => {
  for (const child of running) {
    const gone = exitOf(child)
    child.kill('SIGTERM')
    await gone
  }
  await rm(folder, { recursive: true, force: true })
})

describe('the selfhost process', { timeout: 90_000 }, () => {
  it('serves page, API and sync on one origin, guarded by headers, and keeps its secrets', async () => {
    await start()
    for (const url of [
      '/',
      '/api/health',
      '/powersync/probes/liveness',
      '/.well-known/jwks.json',
    ]) {
      const answer = await fetch(address(url), { headers: { accept: 'text/html, */*' } })
      expect([url, answer.status]).toEqual([url, 200])
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';/)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    }
    // No origin of the app's: only so a browser gives it a process of its own.
    const leave = await fetch(address('/leave.html'))
    expect(leave.headers.get('content-security-policy')).toMatch(/; sandbox allow-scripts;/)
    expect(await (await fetch(address('/api/health'))).json()).toEqual({ status: 'ok' })
    expect((await fetch(address('/api/nothing'))).status).toBe(404)
    expect((await fetch(address('/powersync/sync/stream'), { method: 'POST' })).status).toBe(401)
    for (const file of ['secrets.json', 'postgres/superuser-password']) {
      const { mode } = await stat(path.join(folder, 'data', file))
      expect([file, mode & 0o777]).toEqual([file, 0o600])
    }
  })

  it('stops on SIGTERM with Postgres and leaves nothing running', async () => {
    const { child } = await start()
    const postgresPid = await readPostgresPid()
    const exit = exitOf(child)
    child.kill('SIGTERM')
    child.kill('SIGINT')
    expect(await exit).toBe(0)
    expect(() => process.kill(postgresPid, 0)).toThrow('ESRCH')
    await expect(fetch(address('/api/health'))).rejects.toThrow()
  })

  it('stops when the process that started it is gone', async () => {
    const { child } = await start()
    const exit = exitOf(child)
    child.disconnect()
    expect(await exit).toBe(0)
  })

  it('knows its people again after kill -9', async () => {
    const { child } = await start()
    const person = { email: 'ada@example.org', password: 'a long enough password' }
    const signedUp = await post('/api/auth/sign-up/email', { ...person, name: 'Sealbook user' })
    expect(signedUp.status).toBe(200)
    const exit = exitOf(child)
    child.kill('SIGKILL')
    await exit
    await start()
    expect((await post('/api/auth/sign-in/email', person)).status).toBe(200)
    expect((await post('/api/auth/sign-in/email', { ...person, password: 'wrong' })).status).toBe(
      401,
    )
  })

  it('ends with an error when Postgres is lost', async () => {
    const { child, output } = await start()
    const exit = exitOf(child)
    process.kill(await readPostgresPid(), 'SIGKILL')
    expect(await exit).toBe(1)
    expect(output()).toContain('Postgres ended unexpectedly')
  })

  it('says so when the port is taken, and touches nothing', async () => {
    const other = createServer()
    other.listen(port, '127.0.0.1')
    await once(other, 'listening')
    const { child, output } = launch()
    expect(await exitOf(child)).toBe(1)
    expect(output()).toContain(`Port ${port} is taken by another program.`)
    await expect(access(path.join(folder, 'data'))).rejects.toThrow('ENOENT')
    await closeServer(other)
  })

  it('says what a sync service of one’s own lacks, and what it must be given', async () => {
    const database = await createTestDatabase()
    const env = { DATABASE_URL: database.url, SYNC_URL: 'http://127.0.0.1:9', SYNC_ROLE: 'nobody' }
    const refused = launch(env)
    expect(await exitOf(refused.child)).toBe(1)
    expect(refused.output()).toContain('CREATE ROLE "nobody" LOGIN REPLICATION')

    const role = `reader_${randomUUID().slice(0, 8)}`
    await database.pool.query(`CREATE ROLE ${role} LOGIN REPLICATION`)
    const { child, output } = await start({ ...env, SYNC_ROLE: role })
    await expect.poll(output).toContain(`http://localhost:${port}/.well-known/jwks.json`)
    expect(output()).toMatch(/audience +powersync\n/)
    expect(output()).toContain(role)
    const { rows } = await database.pool.query<{ may: boolean }>(
      `SELECT has_table_privilege($1, 'workspace_memberships', 'SELECT') AS may`,
      [role],
    )
    expect(rows).toEqual([{ may: true }])
    child.kill('SIGTERM')
    expect(await exitOf(child)).toBe(0)
    await database.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await database.drop()
  })

  it('says which variable is wrong', async () => {
    const { child, output } = launch({ PORT: 'eighty' })
    expect(await exitOf(child)).toBe(1)
    expect(output()).toContain('PORT must be a number from 1 to 65535, not "eighty".')
  })

  it('holds no code that could decrypt', () => {
    expect(bundled).toContain('apps/server/src/app.ts')
    expect(bundled.filter((file) => /crypto|libsodium/.test(file))).toEqual([])
  })
})

function launch(env: Record<string, string> = {}) {
  const child = fork(mainFile, {
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: path.join(folder, 'data'),
      DATABASE_URL: '',
      SYNC_URL: '',
      PUBLIC_URL: '',
      ...env,
    },
    silent: true,
  })
  running.add(child)
  void once(child, 'exit').then(() => running.delete(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  return { child, output: () => output }
}

/** Resolves when the process has said that it is ready. */
async function start(env: Record<string, string> = {}) {
  const launched = launch(env)
  const ready = `Sealbook is ready on http://localhost:${port}\n`
  await new Promise<void>((resolve, reject) => {
    const look = () => launched.output().includes(ready) && resolve()
    launched.child.stdout?.on('data', look)
    launched.child.once('exit', () => reject(new Error(launched.output())))
  })
  return launched
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

async function readPostgresPid(): Promise<number> {
  const file = path.join(folder, 'data/postgres/cluster/postmaster.pid')
  return Number.parseInt(await readFile(file, 'utf8'), 10)
}

function address(url: string): string {
  return `http://localhost:${port}${url}`
}

function post(url: string, body: object): Promise<Response> {
  return fetch(address(url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://localhost:${port}` },
    body: JSON.stringify(body),
  })
}

async function closeServer(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
