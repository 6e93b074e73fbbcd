import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { freePort } from '@sealbook/pg-runtime'
import { createRestartable } from '../restartable.ts'
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
  const server = createRestartable(
    'The server',
    () => fork(bundle.file, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    (child, signal) => once(child, 'message', { signal }),
  )
  return {
    origin: `http://127.0.0.1:${port}`,
    log: () => server.log(),
    start: () => server.start(),
    kill: () => server.end('SIGKILL'),
    async memory() {
      const child = server.running()
      if (child === null) throw new Error('the server is not running')
      const answered = once(child, 'message') as Promise<[{ rss: number }]>
      child.send('memory')
      return (await answered)[0].rss
    },
    async dispose() {
      await server.dispose()
      await bundle.remove()
    },
  }
}
