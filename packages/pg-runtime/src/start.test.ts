import { build } from 'esbuild'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identifyProcess, isAlive } from './process-identity.ts'
import { startPostgres, type PostgresServer } from './start.ts'

const here = path.dirname(fileURLToPath(import.meta.url))

let root: string
const running: PostgresServer[] = []

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'sealbook-pg-runtime-'))
})

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  await rm(root, { recursive: true, force: true })
})

async function start(dataDir: string): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir })
  running.push(server)
  return server
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe('a started Postgres', () => {
  it.each([16, 18] as const)('of major version %i speaks UTF8 and replicates', async (major) => {
    const server = await startPostgres({ dataDir: path.join(root, 'data'), major })
    running.push(server)
    const { url } = server
    expect(await query(url, 'SHOW server_version')).toEqual([
      { server_version: expect.stringMatching(new RegExp(`^${major}\\.`)) as string },
    ])
    const names = [
      'data_checksums',
      'server_encoding',
      'wal_level',
      'max_replication_slots',
      'max_wal_senders',
    ]
    const rows = await query(
      url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('${names.join("','")}') ORDER BY name`,
    )
    expect(rows).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'max_replication_slots', setting: '20' },
      { name: 'max_wal_senders', setting: '20' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'wal_level', setting: 'logical' },
    ])
    expect(await query(url, `SELECT lower('ÄÉЖ') AS lower`)).toEqual([{ lower: 'äéж' }])
  })

  it('refuses a wrong password and keeps the right one readable by its owner only', async () => {
    const { url } = await start(path.join(root, 'data'))
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    const { mode } = await stat(path.join(root, 'data', 'superuser-password'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('keeps its data over a stop and a start, and stops twice without harm', async () => {
    const first = await start(path.join(root, 'data'))
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    const second = await start(path.join(root, 'data'))
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('stops while clients are connected', async () => {
    const server = await start(path.join(root, 'data'))
    const client = new pg.Client({ connectionString: server.url })
    client.on('error', () => undefined)
    await client.connect()
    await server.stop()
    expect(isAlive(server.pid)).toBe(false)
  })

  it('runs beside another one with its own data', async () => {
    const servers = await Promise.all([start(path.join(root, 'a')), start(path.join(root, 'b'))])
    await query(servers[0].url, 'CREATE TABLE only_in_a ()')
    const rows = await query(servers[1].url, `SELECT to_regclass('only_in_a') AS found`)
    expect(rows).toEqual([{ found: null }])
  })

  it('refuses a data directory that is in use', async () => {
    await start(path.join(root, 'data'))
    await expect(startPostgres({ dataDir: path.join(root, 'data') })).rejects.toMatchObject({
      kind: 'in-use',
    })
  })

  it('lives below a directory that only its owner can traverse', async () => {
    await mkdir(path.join(root, 'private'), { mode: 0o700 })
    const { url } = await start(path.join(root, 'private', 'data'))
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('starts over when its set-up was killed half-way', async () => {
    await mkdir(path.join(root, 'data', 'cluster', 'base'), { recursive: true })
    const { url } = await start(path.join(root, 'data'))
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('quotes what Postgres said when it does not start', async () => {
    const dataDir = path.join(root, 'data')
    await expect(startPostgres({ dataDir, settings: { max_wal_senders: 'many' } })).rejects.toThrow(
      /invalid value for parameter "max_wal_senders"/,
    )
  })

  it('never writes a failing statement or row to its log', async () => {
    const { url } = await start(path.join(root, 'data'))
    await query(url, `CREATE TABLE strict (word text CHECK (word = 'sealed'))`)
    await expect(query(url, `INSERT INTO strict VALUES ('marker-9f3a')`)).rejects.toThrow()
    const log = await readFile(path.join(root, 'data', 'postgres.log'), 'utf8')
    expect(log).toContain('violates check constraint')
    expect(log).not.toContain('marker-9f3a')
  })
})

describe('after kill -9 of the Node process', () => {
  it('stops the Postgres left behind and recovers what was committed', async () => {
    const dataDir = path.join(root, 'data')
    const parent = await spawnParent(dataDir)
    await query(parent.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    process.kill(parent.pid, 'SIGKILL')
    await parent.gone
    expect(await identifyProcess(parent.postgresPid)).toBeDefined()
    const next = await start(dataDir)
    expect(await identifyProcess(parent.postgresPid)).toBeUndefined()
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('recovers when Postgres was killed too', async () => {
    const dataDir = path.join(root, 'data')
    const parent = await spawnParent(dataDir)
    await query(parent.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    process.kill(parent.pid, 'SIGKILL')
    process.kill(parent.postgresPid, 'SIGKILL')
    await parent.gone
    const next = await start(dataDir)
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('starts though the pid in postmaster.pid is another program by now', async () => {
    const dataDir = path.join(root, 'data')
    const first = await start(dataDir)
    const pidFile = path.join(dataDir, 'cluster', 'postmaster.pid')
    const lines = (await readFile(pidFile, 'utf8')).split('\n')
    await first.stop()
    await writeFile(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'), { mode: 0o644 })
    const next = await start(dataDir)
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(isAlive(process.pid)).toBe(true)
  })
})

/** A Node process of its own that starts Postgres and stays. */
async function spawnParent(dataDir: string) {
  // Below this package, so that the binaries' package is found from there.
  const outDir = path.join(here, '..', '.cache')
  await mkdir(outDir, { recursive: true })
  const outfile = path.join(outDir, `parent-${process.pid}.mjs`)
  await build({
    stdin: {
      contents: `import { startPostgres } from './start.ts'
        const { url, pid } = await startPostgres({ dataDir: process.argv[2] })
        process.stdout.write(JSON.stringify({ url, postgresPid: pid }))`,
      resolveDir: here,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  const child = spawn(process.execPath, [outfile, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit').then(() => rm(outfile))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const told = JSON.parse(said.toString()) as { url: string; postgresPid: number }
  return { ...told, pid: child.pid ?? 0, gone }
}
