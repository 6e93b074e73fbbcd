import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'
import { freePort } from '@sealbook/pg-runtime'
import { workspaceSources } from '../workspace-sources.ts'
import { readContractRules } from './source.ts'
import { audience, type SigningKey } from './signing-key.ts'

/** The embedded engine in a process of its own, always on the same port. */
export interface EngineProcess {
  readonly url: string
  /** The end of what it logged, over all its starts. */
  log(): string
  start(): Promise<void>
  /** Graceful. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Stops it and removes what it was built into. */
  dispose(): Promise<void>
}

const logLimit = 20_000

/** @param options.schemaName where it keeps its state; two engines on one database need two. */
export async function createEngineProcess(options: {
  readonly databaseUrl: string
  readonly key: SigningKey
  readonly schemaName?: string
}): Promise<EngineProcess> {
  // Inside the package, so that the child finds its dependencies.
  const bundle = new URL(`../../.cache/engine-${randomUUID()}.mjs`, import.meta.url).pathname
  await build({
    entryPoints: [new URL('engine-child.ts', import.meta.url).pathname],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [workspaceSources],
  })
  const port = await freePort()
  const rules = await readContractRules()
  let child: ChildProcess | null = null
  let output = ''

  // A run that is cut short leaves no process behind.
  const onExit = () => child?.kill('SIGKILL')
  process.once('exit', onExit)

  const end = async (signal: NodeJS.Signals) => {
    const running = child
    child = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    await exited
  }
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => output,
    async start() {
      const started = spawn(process.execPath, [bundle], {
        env: {
          ...process.env,
          DATABASE_URL: options.databaseUrl,
          PORT: String(port),
          JWKS: JSON.stringify(options.key.jwks),
          AUDIENCE: audience,
          RULES: rules,
          SCHEMA_NAME: options.schemaName ?? 'sealbook_sync',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      started.stderr.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-logLimit)
      })
      const exited = new AbortController()
      started.once('exit', () => exited.abort())
      await once(started.stdout, 'data', { signal: exited.signal }).catch(() => {
        // Killed while it started, by whom it may concern; or it gave up.
        if (child === started) throw new Error(`The engine ended at its start:\n${output}`)
      })
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async dispose() {
      await end('SIGTERM')
      process.off('exit', onExit)
      await rm(bundle, { force: true })
    },
  }
}
