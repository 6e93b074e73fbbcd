import pg from 'pg'
import { startKillableCluster } from './cluster.ts'
import { openRun, type Run } from './random-run.ts'
import { openSigningKey } from './signing-key.ts'
import { openSuiteOn } from './suite.ts'
import { startEmbedded } from './target.ts'

/** A run on a Postgres of its own, both of which can be killed. */
export interface KillRun extends Run {
  /** Kills the engine, Postgres or both in the middle of an operation, and starts them again. */
  killSomething(): Promise<'engine' | 'postgres' | 'both'>
}

export async function openKillRun(seed: number): Promise<KillRun> {
  const cluster = await startKillableCluster()
  const key = await openSigningKey()
  const pool = new pg.Pool({ connectionString: cluster.url })
  // Its connections end with the server, whether they are idle or between two statements.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const drop = async () => {
    await pool.end()
    await cluster.dispose()
  }
  const run = await openRun(seed, async () =>
    openSuiteOn(await startEmbedded({ url: cluster.url, pool, key, drop })),
  )
  const { engine } = run.suite.target
  if (!engine) throw new Error('Only the embedded engine can be killed')
  return {
    ...run,
    async killSomething() {
      const victim = run.world.pick(['engine', 'postgres', 'both'] as const)
      // Several at once: the kill finds some of them half done. Who is hit starts again.
      const inFlight = Array.from({ length: 3 }, () => run.operate().catch(ignoreLostConnection))
      if (run.world.chance(0.5)) await inFlight[0]
      await Promise.all([
        victim === 'postgres' ? null : engine.kill(),
        victim === 'engine' ? null : cluster.kill(),
      ])
      await Promise.all(inFlight)
      if (victim !== 'engine') await cluster.restart()
      if (victim !== 'postgres') await engine.start()
      await run.world.read(pool)
      return victim
    },
  }
}

/** What a commit gives whose outcome nobody knows. */
function ignoreLostConnection(error: unknown): void {
  const { code, message } = error as { code?: string; message: string }
  const isLost =
    /^(?:57P0[123]|08\d\d\d|ECONNREFUSED|ECONNRESET|EPIPE)$/.test(code ?? '') ||
    /Connection terminated|not queryable/.test(message)
  if (!isLost) throw error
}
