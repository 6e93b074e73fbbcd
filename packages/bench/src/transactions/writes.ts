import { appDatabase, openTransactions } from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { percentile, type BenchResult } from '../measure.ts'
import { loadAppCode } from '../page/load.ts'

const turns = 4
const writesATurn = 30
/** A person's fastest pace; by then the write before is sealed, uploaded and back. */
const pauseMs = 1_000
/** The plain app uploads nothing. */
const plainPauseMs = 250
const maxRatio = 1.3
const maxMs = 32

/**
 * From the local write to the frame that shows its row, p95, on the transactions screen; the
 * reference is the same write in a plain PowerSync app of as many rows that shows its newest 50.
 */
export async function measureWrites(page: Page, plain: Page): Promise<BenchResult> {
  await loadAppCode(page)
  await openTransactions(page)
  await page
    .getByRole('row', { name: /^Payee \d+,/ })
    .first()
    .waitFor()
  const samples = { ours: [] as number[], reference: [] as number[] }
  for (let turn = 0; turn < turns; turn++) {
    samples.ours.push(...(await writeInApp(page)))
    samples.reference.push(...(await writeInPlain(plain)))
  }
  return toResult(percentile(samples.ours, 0.95), percentile(samples.reference, 0.95))
}

async function writeInApp(page: Page): Promise<number[]> {
  const database = await appDatabase(page)
  const taken = await database.evaluate(
    async (db, [rounds, pause]) => {
      const [model] = await db.getAll<Record<string, unknown>>(
        'SELECT * FROM transactions ORDER BY occurred_on DESC LIMIT 1',
      )
      const write = (payee: string) =>
        db.execute(
          `INSERT INTO transactions (id, workspace_id, account_id, category_id, kind, occurred_on, status,
           amount, payee, note, created_at, updated_at) VALUES (?, ?, ?, ?, 'expense', ?, 'cleared', -1250, ?, '', ?, ?)`,
          [
            sealbookApp.newRowId(),
            model?.['workspace_id'],
            model?.['account_id'],
            model?.['category_id'],
            model?.['occurred_on'],
            payee,
            String(Date.now()),
            String(Date.now()),
          ],
        )
      return sealbookApp.timeWrites(write, rounds, pause)
    },
    [writesATurn, pauseMs] as const,
  )
  await database.dispose()
  return taken
}

function writeInPlain(page: Page): Promise<number[]> {
  return page.evaluate(
    ([rounds, pause]) => {
      const today = new Date().toISOString().slice(0, 10)
      const write = (payee: string) =>
        plainDatabase.execute(
          `INSERT INTO transactions (id, workspace_id, account_id, category_id, kind, occurred_on, status,
           amount, payee, note, created_at, updated_at)
           VALUES (?, 'plain', 'account', 'category 1', 'expense', ?, 'cleared', -1250, ?, '', ?, ?)`,
          [crypto.randomUUID(), today, payee, Date.now(), Date.now()],
        )
      return plainApp.timeWrites(write, rounds, pause)
    },
    [writesATurn, plainPauseMs] as const,
  )
}

function toResult(ours: number, reference: number): BenchResult {
  const ratio = ours / reference
  return {
    name: 'write.toRendered',
    unit: 'ms p95',
    ours,
    reference,
    ratio,
    goal: `ratio <= ${maxRatio}, ours <= ${maxMs} ms`,
    holds: ratio <= maxRatio && ours <= maxMs,
  }
}
