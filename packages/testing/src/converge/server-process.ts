import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { freePort } from '@sealbook/pg-runtime'
import { bundleChild } from './child-bundle.ts'

/** Server and engine in a process of their own, always on the same port. */
export interface ServerProcess {
  readonly origin: string
  /** The end of what it logged, over all its starts. */
  log(): string
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Resident bytes. */
  memory(): Promise<number>
  /** Ends it and removes what it was built into. */
  dispose(): Promise<void>
}

const logLimit = 20_000

export async function createServerProcess(databaseUrl: string): Promise<ServerProcess> {
  const bundle = await bundleChild('server-child.ts', 'apps/server')
  const port = await freePort()
  const rules = new URL('../../../../powersync/sync_rules.yaml', import.meta.url)
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    SECRET: 'only-for-the-convergence-harness-0123456789',
    RULES: await readFile(rules, 'utf8'),
  }
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
    origin: `http://127.0.0.1:${port}`,
    log: () => output,
    async start() {
      const started = fork(bundle.file, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
      child = started
      started.stderr?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-logLimit)
      })
      const exited = new AbortController()
      started.once('exit', () => exited.abort())
      await once(started, 'message', { signal: exited.signal }).catch(() => {
        // Killed while it started, by whom it may concern; or it gave up.
        if (child === started) throw new Error(`The server ended at its start:\n${output}`)
      })
    },
    kill: () => end('SIGKILL'),
    async memory() {
      if (child === null) throw new Error('the server is not running')
      const answered = once(child, 'message') as Promise<[{ rss: number }]>
      child.send('memory')
      return (await answered)[0].rss
    },
    async dispose() {
      await end('SIGTERM')
      process.off('exit', onExit)
      await bundle.remove()
    },
  }
}
