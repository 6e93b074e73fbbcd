import pg from 'pg'
import { migrate } from '@sealbook/server'
import { bundleChild } from './child-bundle.ts'
import { startCopiedPostgres } from './copied-postgres.ts'
import { DevicePool } from './device-process.ts'
import type { Stage } from './run.ts'
import { createServerProcess } from './server-process.ts'

/** One server with an empty database, and processes for devices: every run has its own workspace. */
export async function openStage(): Promise<Stage & { close(): Promise<void> }> {
  const postgres = await startCopiedPostgres()
  const pool = new pg.Pool({ connectionString: postgres.url })
  // It outlives its server.
  pool.on('error', () => undefined)
  await migrate(pool)
  const bundle = await bundleChild('device-child.ts', 'packages/testing')
  const server = await createServerProcess(postgres.url)
  const processes = new DevicePool(bundle.file)
  await server.start()
  return {
    server,
    postgres,
    pool,
    processes,
    async close() {
      await processes.close()
      await server.dispose()
      await bundle.remove()
      await pool.end()
      await postgres.dispose()
    },
  }
}
