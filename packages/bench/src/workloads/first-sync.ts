import {
  addAccount,
  appDatabase,
  launchDevice,
  queryApp,
  registerPerson,
  signIn,
  startStack,
  testPerson,
  unlock,
  waitUntilUpToDate,
  type Stack,
  type TestPerson,
} from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { median, type BenchResult, type Workload } from '../measure.ts'
import type { Expected, Measured } from '../first-sync/measured.ts'
import { fillPlain, setPlainStage, syncPlain } from '../first-sync/plain.ts'
import { loadAppCode } from '../page/load.ts'
import type { Stage } from '../sync/stage.ts'
import { seedTransactions } from '../transactions/seed.ts'

const rowCount = 50_000
const rounds = 3
const maxRatio = 1.5
const maxMonthShare = 0.2
const maxTaskMs = 50
const copiedRows = 10_000
const uploadTimeoutMs = 10 * 60_000
const person = testPerson('first-sync')

/** New devices of one person, against new devices of a plain PowerSync app with the same rows. */
export const firstSyncWorkload: Workload = {
  names: ['firstSync.total', 'firstSync.currentMonth', 'firstSync.longestTask'],
  run: async () => {
    const [stack, stage] = await Promise.all([startStack(), setPlainStage()])
    try {
      const expected = await seed(stack, stage)
      const engine = await stage.startEngine()
      const measured = { ours: [] as Measured[], reference: [] as Measured[] }
      for (let round = 0; round < rounds; round++) {
        measured.ours.push(await syncApp(stack, person, expected))
        measured.reference.push(await syncPlain(stage, engine, expected))
      }
      return toResults(measured.ours, measured.reference)
    } finally {
      await stack.dispose()
      await stage.close()
    }
  },
}

/** By a device that writes and uploads them, and gives them to the plain app's Postgres. */
async function seed(stack: Stack, stage: Stage): Promise<Expected> {
  const device = await launchDevice()
  try {
    const { page } = device
    await registerPerson(page, stack.url, person)
    await addAccount(page, { name: 'Everyday', openingBalance: '100' })
    await seedTransactions(page, rowCount)
    for (let start = 0; start < rowCount; start += copiedRows)
      await fillPlain(stage, await readRows(page, start))
    await waitUntilUpToDate(page, uploadTimeoutMs)
    const month = new Date().toISOString().slice(0, 7)
    const [found] = await queryApp<{ rows: number }>(
      page,
      'SELECT count(*) AS rows FROM transactions WHERE occurred_on >= ?',
      [`${month}-01`],
    )
    return { rows: rowCount, ofMonth: found?.rows ?? 0, month }
  } finally {
    await device.close()
  }
}

function readRows(page: Page, start: number): Promise<unknown[]> {
  return queryApp(page, 'SELECT * FROM bench_plain ORDER BY rowid LIMIT ? OFFSET ?', [
    copiedRows,
    start,
  ])
}

/** A new device, from the moment that the ledger is unlocked. */
async function syncApp(stack: Stack, owner: TestPerson, expected: Expected): Promise<Measured> {
  const device = await launchDevice()
  try {
    const { page } = device
    await signIn(page, stack.url, owner)
    await loadAppCode(page)
    await unlock(page, owner.secretKey)
    const watch = await page.evaluateHandle(() => sealbookApp.watchMainThread())
    const database = await appDatabase(page)
    const here = await database.evaluate(
      (db, wanted) => sealbookApp.untilRowsAreHere(db, wanted),
      expected,
    )
    const { longestTaskMs } = await watch.evaluate((stop) => stop())
    return { ...here, longestTaskMs }
  } finally {
    await device.close()
  }
}

function toResults(ours: readonly Measured[], reference: readonly Measured[]): BenchResult[] {
  const own = (part: keyof Measured) => median(ours.map((one) => one[part]))
  const plain = (part: keyof Measured) => median(reference.map((one) => one[part]))
  const share = own('currentMonth') / own('total')
  const ratio = own('total') / plain('total')
  return [
    {
      name: 'firstSync.total',
      unit: 'ms',
      ours: own('total'),
      reference: plain('total'),
      ratio,
      goal: `ratio <= ${maxRatio}`,
      holds: ratio <= maxRatio,
    },
    {
      name: 'firstSync.currentMonth',
      unit: 'ms',
      ours: own('currentMonth'),
      reference: own('total'),
      ratio: share,
      goal: `ratio <= ${maxMonthShare}`,
      holds: share <= maxMonthShare,
    },
    {
      name: 'firstSync.longestTask',
      unit: 'ms',
      ours: own('longestTaskMs'),
      reference: plain('longestTaskMs'),
      ratio: own('longestTaskMs') / plain('longestTaskMs'),
      goal: `ours <= ${maxTaskMs} ms`,
      holds: own('longestTaskMs') <= maxTaskMs,
    },
  ]
}
