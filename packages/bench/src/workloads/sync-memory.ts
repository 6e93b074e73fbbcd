import { setTimeout as delay } from 'node:timers/promises'
import { median, type BenchResult, type Workload } from '../measure.ts'
import { openDevice, untilVisible } from '../sync/device.ts'
import { addOwner, addTransactions, commitOne, editAll } from '../sync/rows.ts'
import { setStage, type EngineProcess } from '../sync/stage.ts'

const rows = 50_000
const operations = 1_000_000
const samples = 5
const sampleEveryMs = 1_000
const maxMegabytes = 300

/**
 * The engine's own process while and after a million operations pass through it, with a device
 * that follows. The reference is the same process after the snapshot, before the first of them.
 */
export const syncMemoryWorkload: Workload = {
  names: ['sync.memory', 'sync.memoryPeak'],
  run: async () => {
    const stage = await setStage()
    const device = await openDevice()
    try {
      const owner = await addOwner(stage.pool)
      await addTransactions(stage.pool, owner, rows)
      const engine = await stage.startEngine()
      await device.sync(engine, stage, owner.userId)
      const before = await sample(engine)
      const peak = await watchPeak(engine, async () => {
        for (let done = 0; done < operations;) {
          done += await editAll(stage.pool, owner)
          // With the row that comes last, the device has everything before it.
          await untilVisible(device, await commitOne(stage.pool, owner))
        }
      })
      return [
        report('sync.memory', await sample(engine), before),
        report('sync.memoryPeak', peak, before),
      ]
    } finally {
      await device.close()
      await stage.close()
    }
  },
}

async function sample(engine: EngineProcess): Promise<number> {
  const taken: number[] = []
  for (let n = 0; n < samples; n++) {
    await delay(sampleEveryMs)
    taken.push(await engine.residentMegabytes())
  }
  return median(taken)
}

async function watchPeak(engine: EngineProcess, work: () => Promise<void>): Promise<number> {
  let peak = 0
  let working = true
  const watching = (async () => {
    while (working) {
      peak = Math.max(peak, await engine.residentMegabytes())
      await delay(sampleEveryMs / 10)
    }
  })()
  await work()
  working = false
  await watching
  return peak
}

function report(name: string, ours: number, reference: number): BenchResult {
  return {
    name,
    unit: 'MB',
    ours,
    reference,
    ratio: ours / reference,
    goal: `ours <= ${maxMegabytes} MB`,
    holds: ours <= maxMegabytes,
  }
}
