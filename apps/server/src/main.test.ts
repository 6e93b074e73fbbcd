import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside the app, so that the bundle finds what stays outside it. */
const bundle = path.join(root, 'dist', `test-${process.pid}.js`)

describe('the server alone', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    const build = run(['--input-type=module', '-e', buildScript], {})
    expect((await once(build, 'exit'))[0]).toBe(0)
  })
  afterAll(async () => {
    await rm(bundle, { force: true })
    await database.drop()
  })

  it('migrates, listens, answers and stops on SIGTERM', async () => {
    const server = run([bundle], {
      DATABASE_URL: database.url,
      PUBLIC_URL: 'http://localhost:4173',
      SYNC_URL: 'http://localhost:7001',
      AUTH_SECRET: 'a secret of at least thirty-two characters',
      HOST: '127.0.0.1',
      PORT: '0',
    })
    const address = await listeningAddress(server)
    expect(await (await fetch(`${address}/api/health`)).json()).toEqual({ status: 'ok' })
    expect((await fetch(`${address}/api/docs/`)).status).toBe(200)
    server.kill('SIGTERM')
    expect((await once(server, 'exit'))[0]).toBe(0)
  })

  it('names what is missing in its environment', async () => {
    const server = run([bundle], { DATABASE_URL: database.url })
    let complaint = ''
    server.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    expect((await once(server, 'exit'))[0]).toBe(1)
    expect(complaint).toContain('PUBLIC_URL, SYNC_URL, AUTH_SECRET')
    expect(complaint).not.toContain(database.url)
  })
})

const buildScript = `import { bundle } from './build.mjs'; await bundle(${JSON.stringify(bundle)})`

function run(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, args, { cwd: root, env: { PATH: process.env['PATH'], ...env } })
}

async function listeningAddress(server: ChildProcess): Promise<string> {
  let output = ''
  return await new Promise((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    server.on('exit', () => reject(new Error(output)))
    server.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const address = /listening at (http:\/\/[0-9.:]+)/.exec(output)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}
