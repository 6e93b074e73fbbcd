import {
  appDatabase,
  openTransactions,
  queryApp,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'
import type { JSHandle, Page } from 'playwright-core'
import { percentile, type BenchResult } from '../measure.ts'
import { loadAppCode } from '../page/load.ts'
import type { MainThread } from '../page/main-thread.ts'

const importedRows = 20_000
const editedRows = 5_000
const maxTaskMs = 50
/** 60 frames a second, with a frame's worth of noise left out by the percentile. */
const maxFrameMs = 17
const uploadTimeoutMs = 5 * 60_000

type NewTransactions = Parameters<typeof sealbookApp.writeManyRows<'transactions'>>[2]

export const burstNames = [
  'burst.longestTask',
  'burst.frames',
  'bulkEdit.longestTask',
  'bulkEdit.frames',
] as const

/**
 * The main thread of the transactions screen while 20,000 rows are written as an import does, until
 * all are uploaded, and while 5,000 rows change; the reference is the import, in steps of as many
 * rows, into a plain PowerSync app that shows its newest 50.
 */
export async function measureBursts(page: Page, plain: Page): Promise<BenchResult[]> {
  await loadAppCode(page)
  await openTransactions(page)
  const reference = await importIntoPlain(plain)
  const rows = await prepareImport(page)
  const imported = await watched(page, async () => {
    await importIntoApp(page, rows)
    await waitUntilUpToDate(page, uploadTimeoutMs)
  })
  const edited = await watched(page, async () => {
    await editInApp(page)
    await waitUntilUpToDate(page, uploadTimeoutMs)
  })
  return [...toResults('burst', imported, reference), ...toResults('bulkEdit', edited, reference)]
}

async function watched(page: Page, work: () => Promise<void>): Promise<MainThread> {
  const watch = await page.evaluateHandle(() => sealbookApp.watchMainThread())
  await work()
  const seen = await watch.evaluate((stop) => stop())
  await watch.dispose()
  return seen
}

/** What a parser would hand over, which is none of the writer's work. */
async function prepareImport(page: Page): Promise<JSHandle<NewTransactions>> {
  const [account] = await queryApp<{ id: string; workspace_id: string }>(
    page,
    'SELECT id, workspace_id FROM accounts',
  )
  if (account === undefined) throw new Error('no account to import into')
  return page.evaluateHandle(
    ([count, { id, workspace_id }]) =>
      Array.from({ length: count }, (_, row) => ({
        workspace_id,
        account_id: id,
        kind: 'expense' as const,
        occurred_on: new Date(Date.now() - Math.floor(row / 40) * 86_400_000)
          .toISOString()
          .slice(0, 10),
        status: 'cleared' as const,
        amount: BigInt(-1 - row),
        payee: `Imported ${row}`,
        note: 'From a statement',
      })),
    [importedRows, account] as const,
  )
}

async function importIntoApp(page: Page, rows: JSHandle<NewTransactions>): Promise<void> {
  const database = await appDatabase(page)
  await database.evaluate(async (db, given) => {
    const written = await sealbookApp.writeManyRows(db, 'transactions', given)
    if (!written.ok) throw new Error(written.error.breach.kind)
  }, rows)
  await database.dispose()
}

async function editInApp(page: Page): Promise<void> {
  const database = await appDatabase(page)
  await database.evaluate(async (db, count) => {
    const rows = await db.getAll<{ id: string }>(
      "SELECT id FROM transactions WHERE payee LIKE 'Imported %' LIMIT ?",
      [count],
    )
    const ids = rows.map(({ id }) => id)
    const changed = await sealbookApp.updateManyRows(db, 'transactions', ids, { payee: 'Edited' })
    if (!changed.ok) throw new Error(changed.error.breach.kind)
  }, editedRows)
  await database.dispose()
}

function importIntoPlain(page: Page): Promise<MainThread> {
  return page.evaluate(async (count) => {
    const step = 200
    const stop = plainApp.watchMainThread()
    for (let start = 0; start < count; start += step) {
      const rows = Array.from({ length: step }, (_, offset) => ({
        id: crypto.randomUUID(),
        day: new Date(Date.now() - Math.floor((start + offset) / 40) * 86_400_000)
          .toISOString()
          .slice(0, 10),
        amount: -1 - start - offset,
        payee: `Imported ${start + offset}`,
        at: Date.now(),
      }))
      await plainDatabase.writeTransaction((tx) =>
        tx.execute(
          `INSERT INTO transactions (id, workspace_id, account_id, kind, occurred_on, status, amount,
             payee, note, created_at, updated_at)
           SELECT value ->> 'id', 'plain', 'account', 'expense', value ->> 'day', 'cleared',
             value ->> 'amount', value ->> 'payee', 'From a statement', value ->> 'at', value ->> 'at'
           FROM json_each(?)`,
          [JSON.stringify(rows)],
        ),
      )
    }
    return stop()
  }, importedRows)
}

function toResults(name: 'burst' | 'bulkEdit', own: MainThread, plain: MainThread): BenchResult[] {
  const result = (
    part: (typeof burstNames)[number],
    unit: string,
    max: number,
    [ours, reference]: readonly [number, number],
  ): BenchResult => ({
    name: part,
    unit,
    ours,
    reference,
    ratio: ours / reference,
    goal: `ours <= ${max} ms`,
    holds: ours <= max,
  })
  const frames = (seen: MainThread) => percentile(seen.frameMs, 0.95)
  return [
    result(`${name}.longestTask`, 'ms', maxTaskMs, [own.longestTaskMs, plain.longestTaskMs]),
    result(`${name}.frames`, 'ms p95', maxFrameMs, [frames(own), frames(plain)]),
  ]
}
