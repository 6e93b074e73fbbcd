import pg from 'pg'
import { median, type BenchResult, type Workload } from '../measure.ts'
import {
  buildUnsyncedSchema,
  openDevice,
  synced,
  unsynced,
  untilVisible,
  type Device,
} from '../sync/device.ts'
import { openIdleStreams } from '../sync/idle-streams.ts'
import { addOwner, addTransactions, commitOne, type Owner } from '../sync/rows.ts'
import { setStage, type EngineProcess, type Stage } from '../sync/stage.ts'

const downloadRows = 50_000
const downloadRounds = 5
const minDownloadRatio = 0.5
const liveRounds = 5
const commitsPerRound = 12
const maxLiveMs = 50
const idleClients = 500
/** 500 streams are 50 people with ten devices each. */
const idleOwners = 50
const maxIdleRatio = 2

/** The embedded engine in its own process, real clients, the product's tables. */
export const syncSpeedWorkload: Workload = {
  names: ['sync.firstDownload', 'sync.live', 'sync.live500'],
  run: async () => {
    const stage = await setStage()
    try {
      const owner = await addOwner(stage.pool)
      await addTransactions(stage.pool, owner, downloadRows)
      const idle: Owner[] = []
      for (let n = 0; n < idleOwners; n++) idle.push(await addOwner(stage.pool))
      const engine = await stage.startEngine()
      const download = await measureDownload(stage, engine, owner)
      return [download, ...(await measureLive(stage, engine, owner, idle))]
    } finally {
      await stage.close()
    }
  },
}

async function measureDownload(
  stage: Stage,
  engine: EngineProcess,
  owner: Owner,
): Promise<BenchResult> {
  const rates = { ours: [] as number[], reference: [] as number[] }
  for (let round = 0; round < downloadRounds; round++) {
    const device = await openDevice()
    rates.ours.push(await rate(() => device.sync(engine, stage, owner.userId)))
    const rows = await device.db.getAll<Record<string, unknown>>(`SELECT * FROM ${synced}`)
    if (rows.length !== downloadRows) throw new Error(`${rows.length} rows arrived`)
    await device.close()
    const other = await openDevice(buildUnsyncedSchema())
    rates.reference.push(await rate(() => insertAll(other, rows)))
    await other.close()
  }
  const [ours, reference] = [median(rates.ours), median(rates.reference)]
  const ratio = ours / reference
  return {
    name: 'sync.firstDownload',
    unit: 'rows/s',
    ours,
    reference,
    ratio,
    goal: `ratio >= ${minDownloadRatio}`,
    holds: ratio >= minDownloadRatio,
  }
}

/** The same rows from memory, in one transaction, with the client's own call for many rows. */
async function insertAll(device: Device, rows: readonly Record<string, unknown>[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const places = columns.map(() => '?').join(', ')
  await device.db.executeBatch(
    `INSERT INTO ${unsynced} (${columns.join(', ')}) VALUES (${places})`,
    rows.map((row) => columns.map((column) => row[column])),
  )
  const { count } = await device.db.get<{ count: number }>(
    `SELECT count(*) AS count FROM ${unsynced}`,
  )
  if (count !== rows.length) throw new Error(`${count} rows were inserted`)
}

async function rate(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (downloadRows / (performance.now() - start)) * 1_000
}

async function measureLive(
  stage: Stage,
  engine: EngineProcess,
  owner: Owner,
  idle: readonly Owner[],
): Promise<BenchResult[]> {
  const device = await openDevice()
  const listener = new pg.Client({ connectionString: stage.databaseUrl })
  await listener.connect()
  await listener.query('LISTEN bench')
  await device.sync(engine, stage, owner.userId)
  const ms = { alone: [] as number[], crowded: [] as number[], notified: [] as number[] }
  const round = async (into: number[]) => {
    for (let n = 0; n < commitsPerRound; n++) {
      const id = await commitOne(stage.pool, owner)
      const start = performance.now()
      await untilVisible(device, id)
      into.push(performance.now() - start)
    }
  }
  try {
    for (let n = 0; n < liveRounds; n++) {
      await round(ms.alone)
      for (let m = 0; m < commitsPerRound; m++) ms.notified.push(await notify(stage, listener))
      const leave = await openIdleStreams(engine, stage, idle, idleClients)
      await round(ms.crowded)
      await leave()
    }
  } finally {
    await listener.end()
    await device.close()
  }
  return reportLive(median(ms.alone), median(ms.crowded), median(ms.notified))
}

/** COMMIT to a connection that listens: what Postgres itself takes to tell somebody. */
async function notify(stage: Stage, listener: pg.Client): Promise<number> {
  const heard = new Promise<number>((resolve) =>
    listener.once('notification', () => resolve(performance.now())),
  )
  await stage.pool.query('NOTIFY bench')
  const answered = performance.now()
  // It may be heard before the answer to NOTIFY is.
  return Math.max(0, (await heard) - answered)
}

function reportLive(alone: number, crowded: number, notified: number): BenchResult[] {
  return [
    {
      name: 'sync.live',
      unit: 'ms',
      ours: alone,
      reference: notified,
      ratio: alone / notified,
      goal: `ours <= ${maxLiveMs} ms`,
      holds: alone <= maxLiveMs,
    },
    {
      name: 'sync.live500',
      unit: 'ms',
      ours: crowded,
      reference: alone,
      ratio: crowded / alone,
      goal: `ratio <= ${maxIdleRatio}`,
      holds: crowded / alone <= maxIdleRatio,
    },
  ]
}
