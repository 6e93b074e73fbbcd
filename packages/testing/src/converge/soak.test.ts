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
/** The readings of a fifth: the first is the warm-up, and the second is compared with the last. */
const share = 0.2
/** Between the medians of the two: a collector lets memory rise for a while before it works. */
const mostGrowth = 1.25

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
  /** Without the inbox, which nobody empties here: what a person made is not let go. */
  readonly databaseKilobytes: readonly number[]
  readonly inboxKilobytes: readonly number[]
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
      const some = Math.floor(readings.length * share)
      const warm = readings.slice(some, 2 * some)
      const last = readings.slice(-some)
      if (some === 0) throw new Error('too short to say anything')
      const expectFlat = (valueOf: (reading: Reading) => number) =>
        expect(median(last.map(valueOf))).toBeLessThan(median(warm.map(valueOf)) * mostGrowth)
      expectFlat(({ serverMegabytes }) => serverMegabytes)
      for (let device = 0; device < devices; device++) {
        expectFlat(({ deviceMegabytes }) => deviceMegabytes[device] ?? Number.NaN)
        expectFlat(({ databaseKilobytes }) => databaseKilobytes[device] ?? Number.NaN)
      }

      async function read(done: number): Promise<Reading> {
        const sizes = await fleet.sizes()
        return {
          minute: Math.round(minutes() * 10) / 10,
          edits: done,
          serverMegabytes: megabytes(await stage.server.memory()),
          postgresMegabytes: megabytes(await postgresBytes(stage.pool)),
          deviceMegabytes: sizes.map(({ rss }) => megabytes(rss)),
          databaseKilobytes: sizes.map(({ database, inbox }) => kilobytes(database - inbox)),
          inboxKilobytes: sizes.map(({ inbox }) => kilobytes(inbox)),
        }
      }
    } finally {
      await fleet.close()
    }
  })
})

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function kilobytes(bytes: number): number {
  return Math.round(bytes / 1024)
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}

async function postgresBytes(pool: Pick<Pool, 'query'>): Promise<number> {
  const sql = 'SELECT pg_database_size(current_database()) AS bytes'
  const { rows } = await pool.query<{ bytes: string }>(sql)
  return Number(rows[0]?.bytes)
}

function line({ minute, edits, serverMegabytes, postgresMegabytes, ...device }: Reading): string {
  const { deviceMegabytes, databaseKilobytes, inboxKilobytes } = device
  return `minute ${minute}: ${edits} edits, server ${serverMegabytes} MB, Postgres ${postgresMegabytes} MB, devices ${deviceMegabytes.join(' ')} MB, databases ${databaseKilobytes.join(' ')} KB, inboxes ${inboxKilobytes.join(' ')} KB`
}
