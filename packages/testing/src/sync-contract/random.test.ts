import { afterEach, describe, expect, it, vi } from 'vitest'
import { openRun, randomRun, type Run } from './random-run.ts'
import { operations, seeds } from './settings.ts'

vi.setConfig({ testTimeout: 120_000 + operations * 500, hookTimeout: 120_000 })

let run: Run | undefined

afterEach(async () => {
  await run?.close()
  run = undefined
})

describe('a random run', () => {
  it.each(seeds)('shows only what was true at one moment (SEALBOOK_SEED=%i)', async (seed) => {
    console.log(`random run: seed ${seed}, ${operations} operations`)
    run = await openRun(seed)
    const report = await randomRun(run, operations)
    console.log(`random run: seed ${seed} ${JSON.stringify(report)}`)
    // Or nothing was looked at.
    expect(report.checkpoints).toBeGreaterThan(operations / 10)
    for (const { client } of run.fleet.members) {
      const log = run.suite.gateway.log(client.clientId)
      expect({ repeated: log.repeatedOps, restarts: log.restarts }).toEqual({
        repeated: 0,
        restarts: 0,
      })
      expect(log.generations.size).toBe(1)
    }
  })
})
