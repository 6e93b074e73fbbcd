import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort, startPostgres } from '@sealbook/pg-runtime'
import { postgresMajor } from '../postgres-major.ts'

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
  const start = () => startPostgres({ dataDir, port, major: postgresMajor() })
  let server = await start()
  return {
    url: server.url,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async restart() {
      server = await start()
    },
    async dispose() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
