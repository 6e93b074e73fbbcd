import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort, startPostgres } from '@sealbook/pg-runtime'

const readyTimeoutMs = 60_000
const stopTimeoutMs = 20_000

/** The product's process, which a test may end and start again. */
interface Product {
  /** Everything that the process wrote to stdout and stderr, over all its starts. */
  readonly log: () => string
  /** Clean stop of server and engine. */
  stop(): Promise<void>
  start(): Promise<void>
  /** SIGKILL of server and engine. */
  kill(): Promise<void>
}

/** The whole product on a free port with a Postgres of its own, which stays while it is stopped. */
export interface Stack extends Product {
  /** What a browser opens. */
  readonly url: string
  readonly databaseUrl: string
  /** Folder of the Postgres cluster: data files and WAL. */
  readonly postgresDir: string
  /** Stops everything and removes the folder. */
  dispose(): Promise<void>
}

/** The whole product as `npm start` runs it: everything that it keeps is in one folder. */
export interface SelfHosted extends Product {
  readonly url: string
  /** May be copied and replaced while it is stopped. */
  readonly dataDir: string
  dispose(): Promise<void>
}

/**
 * @param options.publicUrl origin that the browser uses when a proxy stands in front.
 * @throws when the process ends or does not answer within a minute; the message has its log.
 */
export async function startStack(
  options: { port?: number; publicUrl?: string; env?: Record<string, string> } = {},
): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'sealbook-stack-'))
  const postgresDir = join(folder, 'postgres')
  const postgres = await startPostgres({ dataDir: postgresDir })
  const port = options.port ?? (await freePort())
  const url = `http://localhost:${port}`
  const product = runProduct(url, {
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    DATABASE_URL: postgres.url,
    PUBLIC_URL: options.publicUrl ?? url,
    ...options.env,
  })
  const stack: Stack = {
    ...product,
    url,
    databaseUrl: postgres.url,
    postgresDir,
    dispose: async () => {
      await product.stop()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return started(stack)
}

/** @throws as `startStack`. */
export async function startSelfHosted(): Promise<SelfHosted> {
  const folder = await mkdtemp(join(tmpdir(), 'sealbook-self-hosted-'))
  const dataDir = join(folder, 'data')
  const port = await freePort()
  const url = `http://localhost:${port}`
  const product = runProduct(url, {
    PORT: String(port),
    DATA_DIR: dataDir,
    DATABASE_URL: undefined,
    PUBLIC_URL: url,
  })
  return started({
    ...product,
    url,
    dataDir,
    dispose: async () => {
      await product.stop()
      await rm(folder, { recursive: true, force: true })
    },
  })
}

async function started<T extends Product & { dispose(): Promise<void> }>(product: T): Promise<T> {
  try {
    await product.start()
  } catch (error) {
    await product.dispose()
    throw error
  }
  return product
}

function runProduct(url: string, env: Readonly<Record<string, string | undefined>>): Product {
  let output = ''
  let child: ChildProcess | undefined

  const start = async () => {
    const spawned = spawn(
      process.execPath,
      [join(repositoryRoot(), 'apps/selfhost/dist/main.js')],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    child = spawned
    spawned.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    spawned.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const deadline = Date.now() + readyTimeoutMs
    while (!(await answers(`${url}/api/health`))) {
      if (spawned.exitCode !== null) throw new Error(`the stack ended at start:\n${output}`)
      if (Date.now() > deadline) throw new Error(`the stack did not answer:\n${output}`)
      await delay(100)
    }
  }
  const end = async (signal: NodeJS.Signals) => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    const timer = setTimeout(() => running.kill('SIGKILL'), stopTimeoutMs)
    await exited
    clearTimeout(timer)
  }
  return { log: () => output, start, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** The checkout, from wherever below it this runs: benchmarks are bundled elsewhere. */
function repositoryRoot(): string {
  let folder = process.cwd()
  while (!existsSync(join(folder, 'package-lock.json'))) {
    if (folder === dirname(folder)) throw new Error('not inside a checkout of Sealbook')
    folder = dirname(folder)
  }
  return folder
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
