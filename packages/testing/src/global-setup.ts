import { startPostgres } from '@sealbook/pg-runtime'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { postgresMajor } from './postgres-major.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser address of the run's Postgres, for `createTestDatabase`. */
    postgresUrl: string
  }
}

/** Vitest: one real Postgres for the whole run, in a directory of its own, thrown away after. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sealbook-test-postgres-'))
  const postgres = await startPostgres({
    dataDir,
    major: postgresMajor(),
    // Speed over durability; everything else as in production.
    settings: { fsync: 'off', synchronous_commit: 'off', max_connections: '200' },
  })
  project.provide('postgresUrl', postgres.url)
  const tearDown = async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  // A run that is cut short has no teardown of its own.
  process.once('SIGTERM', () => void tearDown().finally(() => process.exit(1)))
  return tearDown
}
