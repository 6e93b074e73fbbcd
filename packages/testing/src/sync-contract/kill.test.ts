import { afterEach, describe, expect, it, vi } from 'vitest'
import { type KillRun, openKillRun } from './kill-run.ts'
import { kills, seeds } from './settings.ts'
import { isEmbedded } from './target.ts'

vi.setConfig({ testTimeout: 180_000 + kills * 30_000, hookTimeout: 120_000 })

let run: KillRun | undefined

afterEach(async () => {
  await run?.close()
  run = undefined
})

// An outside engine is not ours to kill.
describe.runIf(isEmbedded)('kill -9 of engine and Postgres under load', () => {
  it.each(seeds.slice(0, 1))('costs no client anything (SEALBOOK_SEED=%i)', async (seed) => {
    console.log(`kill run: seed ${seed}, ${kills} kills`)
    run = await openKillRun(seed)
    const { fleet, world, suite } = run
    await fleet.settle()
    const killed = { engine: 0, postgres: 0, both: 0 }
    for (let kill = 0; kill < kills; kill++) {
      for (let left = world.pick([3, 10, 30, 60]); left > 0; left--) await run.operate()
      killed[await run.killSomething()] += 1
      // Sometimes the next one comes before clients are back.
      if (world.chance(0.7)) await fleet.settle()
    }
    await fleet.settle()
    const logs = fleet.members.map(({ client }) => suite.gateway.log(client.clientId))
    const sent = logs.map(({ ops, repeatedOps, restarts, generations, connections }) => {
      return { ops, repeatedOps, restarts, generations: generations.size, connections }
    })
    console.log(
      `kill run: seed ${seed} ${JSON.stringify({ killed, checkpoints: fleet.checked, sent })}`,
    )
    for (const { repeatedOps, restarts, generations } of sent) {
      expect({ repeatedOps, restarts, generations }).toEqual({
        repeatedOps: 0,
        restarts: 0,
        generations: 1,
      })
    }
  })
})
