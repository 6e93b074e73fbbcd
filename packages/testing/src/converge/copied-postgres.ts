import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort, startPostgres, type PostgresServer } from '@sealbook/pg-runtime'

const run = promisify(execFile)

/** A real Postgres whose folder is copied, and put back, as the README's backup does it. */
export interface CopiedPostgres {
  readonly url: string
  /** Nobody is connected meanwhile. */
  copy(): Promise<void>
  /** Puts the last copy back. @returns false when there is none. */
  restore(): Promise<boolean>
  forgetCopy(): void
  dispose(): Promise<void>
}

export async function startCopiedPostgres(): Promise<CopiedPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sealbook-converge-postgres-'))
  await chmod(folder, 0o711) // Postgres may run as another account
  const dataDir = path.join(folder, 'data')
  const copyDir = path.join(folder, 'copy')
  const port = await freePort()
  let hasCopy = false
  let postgres: PostgresServer
  const start = async () => {
    const settings = { fsync: 'off', synchronous_commit: 'off', max_connections: '200' }
    postgres = await startPostgres({ dataDir, port, settings })
  }
  await start()
  return {
    get url() {
      return postgres.url
    },
    async copy() {
      await postgres.stop()
      await rm(copyDir, { recursive: true, force: true })
      // Owners and modes too.
      await run('cp', ['-a', dataDir, copyDir])
      hasCopy = true
      await start()
    },
    async restore() {
      if (!hasCopy) return false
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
      await run('cp', ['-a', copyDir, dataDir])
      await start()
      return true
    },
    forgetCopy: () => {
      hasCopy = false
    },
    async dispose() {
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
