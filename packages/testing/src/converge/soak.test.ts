import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Pool } from 'pg'
import { seededRandom } from '../browser/seeded-random.ts'
import { Fleet } from './fleet.ts'
import { foundHousehold } from './household.ts'
import { seeds, soakMinutes } from './settings.ts'
import { openStage } from './stage.ts'

const minuteMs = 60_000
vi.setConfig({ testTimeout: (soakMinutes + 10) * minuteMs, hookTimeout: 120_000 })

const devices = 4
const warmUpShare = 0.2
/** Between the first reading after the warm-up and the last: beside the rows that were added. */
const mostGrowth = { memory: 1.25, database: 1.5 }

let stage: Awaited<ReturnType<typeof openStage>>
beforeAll(async () => {
  if (soakMinutes > 0) stage = await openStage()
})
afterAll(() => stage?.close())

interface Reading {
  readonly minute: number
  readonly edits: number
  readonly serverMegabytes: number
  readonly postgresMegabytes: number
  readonly deviceMegabytes: readonly number[]
  readonly databaseKilobytes: readonly number[]
}

describe.runIf(soakMinutes > 0)('a long time of steady edits', () => {
  it(`leaves memory, queue and databases as they were, over ${soakMinutes} minutes`, async () => {
    const [seed = 0] = seeds
    const random = seededRandom(seed)
    const household = await foundHousehold(stage.server.origin, stage.pool)
    const { origin } = stage.server
    const clockSkewsMs = Array<number>(devices).fill(0)
    const { processes } = stage
    const fleet = await Fleet.open({ origin, household, clockSkewsMs, processes })
    try {
      for (let n = 0; n < 60; n++) await fleet.act(0, Math.floor(random() * 2 ** 31))
      expect(await fleet.settle(minuteMs)).toEqual([])
      const start = performance.now()
      const readings: Reading[] = []
      let edits = 0
      const minutes = () => (performance.now() - start) / minuteMs
      while (minutes() < soakMinutes) {
        for (let device = 0; device < devices; device++) {
          await fleet.editAgain(device, Math.floor(random() * 2 ** 31))
          edits += 1
        }
        // Everything is sent and received again and again: no queue is left to grow.
        expect(await fleet.meet(minuteMs)).toEqual([])
        if (minutes() > readings.length * (soakMinutes / 30)) readings.push(await read(edits))
      }
      console.log(`soak: seed ${seed}, ${edits} edits\n${readings.map(line).join('\n')}`)
      const warm = readings[Math.floor(readings.length * warmUpShare)]
      const last = readings.at(-1)
      if (warm === undefined || last === undefined) throw new Error('too short to say anything')
      expect(last.serverMegabytes).toBeLessThan(warm.serverMegabytes * mostGrowth.memory)
      for (let device = 0; device < devices; device++) {
        const [first, end] = [warm, last].map(({ deviceMegabytes }) => deviceMegabytes[device] ?? 0)
        expect(end).toBeLessThan((first ?? 0) * mostGrowth.memory)
        const [small, big] = [warm, last].map((each) => each.databaseKilobytes[device] ?? 0)
        expect(big).toBeLessThan((small ?? 0) * mostGrowth.database)
      }

      async function read(done: number): Promise<Reading> {
        const sizes = await fleet.sizes()
        return {
          minute: Math.round(minutes() * 10) / 10,
          edits: done,
          serverMegabytes: megabytes(await stage.server.memory()),
          postgresMegabytes: megabytes(await postgresBytes(stage.pool)),
          deviceMegabytes: sizes.map(({ rss }) => megabytes(rss)),
          databaseKilobytes: sizes.map(({ database }) => Math.round(database / 1024)),
        }
      }
    } finally {
      await fleet.close()
    }
  })
})

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}

async function postgresBytes(pool: Pick<Pool, 'query'>): Promise<number> {
  const sql = 'SELECT pg_database_size(current_database()) AS bytes'
  const { rows } = await pool.query<{ bytes: string }>(sql)
  return Number(rows[0]?.bytes)
}

function line({ minute, edits, serverMegabytes, postgresMegabytes, ...device }: Reading): string {
  const { deviceMegabytes, databaseKilobytes } = device
  return `minute ${minute}: ${edits} edits, server ${serverMegabytes} MB, Postgres ${postgresMegabytes} MB, devices ${deviceMegabytes.join(' ')} MB, databases ${databaseKilobytes.join(' ')} KB`
}
