import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort, startPostgres } from '@sealbook/pg-runtime'

/** A Postgres of its own that can be killed; every commit is on disk, as in production. */
export interface KillableCluster {
  readonly url: string
  /** SIGKILL of the server; what it was doing is left as it is. */
  kill(): Promise<void>
  /** Recovers and serves again at the same address. */
  restart(): Promise<void>
  dispose(): Promise<void>
}

export async function startKillableCluster(): Promise<KillableCluster> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sealbook-contract-postgres-'))
  const port = await freePort()
  let server = await startPostgres({ dataDir, port })
  return {
    url: server.url,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async restart() {
      server = await startPostgres({ dataDir, port })
    },
    async dispose() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
