import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { audience, createKeys } from './fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

// Inside the package, so that the child finds its dependencies.
const childPath = new URL('../.cache/child.mjs', import.meta.url).pathname
const user = randomUUID()
const workspace = randomUUID()

let database: TestDatabase
let child: ChildProcess
let client: Client
let port: number
let keys: Awaited<ReturnType<typeof createKeys>>

async function startChild(): Promise<void> {
  child = spawn(process.execPath, [childPath], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      PORT: String(port),
      JWKS: JSON.stringify(keys.jwks),
      AUDIENCE: audience,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout) await once(child.stdout, 'data')
}

async function killChild(): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function opsSent(): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/ops-sent`)).text())
}

beforeEach(async () => {
  await build({
    entryPoints: [new URL('./fixture/child.ts', import.meta.url).pathname],
    outfile: childPath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
  await generateNotes(database.pool, workspace, 500)
  keys = await createKeys()
  port = await freePort()
  await startChild()
  const host = { url: `http://127.0.0.1:${port}`, token: keys.token }
  client = await openClient({ host, userId: user, pool: database.pool })
  await client.connect()
  await client.until((notes) => notes.length === 500)
})

afterEach(async () => {
  await client.close()
  await killChild()
  await database.drop()
})

describe('kill -9', () => {
  it('costs clients nothing: what they have is not sent again', async () => {
    let expected = 500
    for (let round = 0; round < 3; round++) {
      await insertNotes(database.pool, [note(workspace)])
      expected += 1
      // Killed as soon as the client has the row: mostly before the slot is confirmed.
      await client.until((notes) => notes.length === expected)
      await killChild()
      await insertNotes(database.pool, [note(workspace)])
      expected += 1
      await startChild()
      await client.until((notes) => notes.length === expected)
      expect(await opsSent()).toBe(1)
    }
  })

  it('in the middle of a large transaction leaves it whole', async () => {
    const before = await opsSent()
    expect(before).toBe(501)
    await generateNotes(database.pool, workspace, 5_000)
    await killChild()
    await startChild()
    await client.until((notes) => notes.length > 500)
    expect(await client.notes()).toHaveLength(5_500)
    expect(await opsSent()).toBe(5_000)
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
