import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'
import { freePort } from '@sealbook/pg-runtime'
import { createRestartable } from '../restartable.ts'
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
  const engine = createRestartable(
    'The engine',
    () =>
      spawn(process.execPath, [bundle], {
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
      }),
    (child, signal) => once(child.stdout, 'data', { signal }),
  )
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => engine.log(),
    start: () => engine.start(),
    stop: () => engine.end('SIGTERM'),
    kill: () => engine.end('SIGKILL'),
    async dispose() {
      await engine.dispose()
      await rm(bundle, { force: true })
    },
  }
}
