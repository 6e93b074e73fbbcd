import { migrate } from '@sealbook/server'
import { createTestDatabase } from '../test-database.ts'
import { bundleChild } from './child-bundle.ts'
import { DevicePool } from './device-process.ts'
import type { Stage } from './run.ts'
import { createServerProcess } from './server-process.ts'

/** One server with an empty database, and processes for devices: every run has its own workspace. */
export async function openStage(): Promise<Stage & { close(): Promise<void> }> {
  const database = await createTestDatabase()
  await migrate(database.pool)
  const bundle = await bundleChild('device-child.ts', 'packages/testing')
  const server = await createServerProcess(database.url)
  const processes = new DevicePool(bundle.file)
  await server.start()
  return {
    server,
    pool: database.pool,
    processes,
    async close() {
      await processes.close()
      await server.dispose()
      await bundle.remove()
      await database.drop()
    },
  }
}
