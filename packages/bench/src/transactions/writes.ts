import { appDatabase, launchDevice } from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { percentile, type BenchResult } from '../measure.ts'
import { loadAppCode } from '../page/load.ts'
import { servePlainApp } from '../page/plain-site.ts'

const turns = 4
const writesATurn = 30
/** A person's fastest pace; by then the write before is sealed, uploaded and back. */
const pauseMs = 1_000
const maxRatio = 1.3
const maxMs = 32
const seedChunk = 5_000

/**
 * From the local write to the frame that shows its row, p95, on the transactions screen; the
 * reference is the same write in a plain PowerSync app of as many rows that shows its newest 50.
 */
export async function measureWrites(page: Page, rowCount: number): Promise<BenchResult> {
  const site = await servePlainApp()
  const plain = await launchDevice()
  try {
    await plain.page.goto(site.url)
    await openPlain(plain.page, rowCount)
    await loadAppCode(page)
    await page.getByRole('link', { name: 'Transactions' }).first().click()
    const row = page.getByRole('row', { name: /^Payee \d+,/ })
    await row.first().waitFor()
    const samples = { ours: [] as number[], reference: [] as number[] }
    for (let turn = 0; turn < turns; turn++) {
      samples.ours.push(...(await writeInApp(page)))
      samples.reference.push(...(await writeInPlain(plain.page)))
    }
    return toResult(percentile(samples.ours, 0.95), percentile(samples.reference, 0.95))
  } finally {
    await plain.close()
    site.close()
  }
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
            crypto.randomUUID(),
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

/** As many rows as the app has, put where synced rows lie, and the list of the newest. */
async function openPlain(page: Page, rowCount: number): Promise<void> {
  await page.evaluate(
    async ([count, chunk]) => {
      const db = await plainApp.open()
      const now = Date.now()
      for (let start = 0; start < count; start += chunk) {
        const rows = Array.from({ length: Math.min(chunk, count - start) }, (_, offset) => {
          const row = start + offset
          const at = now - Math.floor((row * 5 * 365) / count) * 86_400_000
          const cells = {
            workspace_id: 'plain',
            account_id: 'account',
            category_id: `category ${row % 12}`,
            kind: 'expense',
            occurred_on: new Date(at).toISOString().slice(0, 10),
            status: 'cleared',
            amount: -((row * 7_919) % 25_000) - 1,
            payee: `Payee ${row % 500}`,
            note: `note ${row % 625}`,
            created_at: at,
            updated_at: at,
          }
          return [crypto.randomUUID(), cells]
        })
        await db.execute(
          'INSERT INTO ps_data__transactions (id, data) SELECT value ->> 0, value -> 1 FROM json_each(?)',
          [JSON.stringify(rows)],
        )
      }
      plainApp.showNewest(db)
      Object.assign(globalThis, { plainDatabase: db })
    },
    [rowCount, seedChunk] as const,
  )
  await page.getByText('Payee 1 ').first().waitFor()
}

function writeInPlain(page: Page): Promise<number[]> {
  return page.evaluate(
    ([rounds, pause]) => {
      const { plainDatabase: db } = globalThis as unknown as {
        plainDatabase: Awaited<ReturnType<typeof plainApp.open>>
      }
      const today = new Date().toISOString().slice(0, 10)
      const write = (payee: string) =>
        db.execute(
          `INSERT INTO transactions (id, workspace_id, account_id, category_id, kind, occurred_on, status,
           amount, payee, note, created_at, updated_at)
           VALUES (?, 'plain', 'account', 'category 1', 'expense', ?, 'cleared', -1250, ?, '', ?, ?)`,
          [crypto.randomUUID(), today, payee, Date.now(), Date.now()],
        )
      return plainApp.timeWrites(write, rounds, pause)
    },
    [writesATurn, pauseMs] as const,
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
