import { appDatabase, queryApp } from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { loadAppCode } from '../page/load.ts'

/** In notes: two of them together are in one row of 500. */
const words = {
  first: `amber basil cedar delta ember fable grove hazel ivory jolly karma lemon maple noble
    olive pearl quilt raven sable tulip umber vivid willow xenon yarrow`.split(/\s+/),
  second: `anchor bridge candle dragon engine falcon garden hammer island jacket kettle ladder
    magnet needle orchid pencil quarry rocket saddle temple`.split(/\s+/),
}
/** What the search is for. */
export const searchText = `${words.first[7]} ${words.second[11]}`

/**
 * Five years of transactions in the one account, spread over its categories, in bulk statements;
 * and as the reference the same rows in a plain table with plain indexes.
 */
export async function seedTransactions(page: Page, rowCount: number): Promise<void> {
  await loadAppCode(page)
  const database = await appDatabase(page)
  await database.evaluate(
    async (db, [count, { first, second }]) => {
      const [account] = await db.getAll<{ id: string; workspace_id: string }>(
        'SELECT id, workspace_id FROM accounts',
      )
      const categories = await db.getAll<{ id: string }>(
        "SELECT id FROM categories WHERE kind = 'expense'",
      )
      if (account === undefined || categories.length === 0) throw new Error('nothing to seed into')
      const chunk = 5_000
      const dayMs = 86_400_000
      const today = Date.now()
      for (let start = 0; start < count; start += chunk) {
        const rows = Array.from({ length: Math.min(chunk, count - start) }, (_, offset) => {
          const row = start + offset
          const at = today - Math.floor((row * 5 * 365) / count) * dayMs
          return {
            id: sealbookApp.newRowId(),
            at,
            day: new Date(at).toISOString().slice(0, 10),
            category: categories[row % categories.length]?.id,
            amount: -((row * 7_919) % 25_000) - 1,
            payee: `Payee ${row % 500}`,
            note: `${first[row % first.length]} ${second[Math.floor(row / first.length) % second.length]}`,
          }
        })
        await db.execute(
          `INSERT INTO transactions (id, workspace_id, account_id, category_id, kind, occurred_on, status,
           amount, payee, note, created_at, updated_at)
         SELECT value ->> 'id', ?, ?, value ->> 'category', 'expense', value ->> 'day', 'cleared',
           CAST(value ->> 'amount' AS INTEGER), value ->> 'payee', value ->> 'note', value ->> 'at',
           value ->> 'at'
         FROM json_each(?)`,
          [account.workspace_id, account.id, JSON.stringify(rows)],
        )
      }
      await db.execute(
        `CREATE TABLE bench_plain (id TEXT PRIMARY KEY, workspace_id TEXT, account_id TEXT,
         category_id TEXT, kind TEXT, occurred_on TEXT, status TEXT, amount INTEGER, payee TEXT,
         note TEXT, created_at INTEGER, updated_at INTEGER)`,
      )
      await db.execute(
        `INSERT INTO bench_plain SELECT id, workspace_id, account_id, category_id, kind, occurred_on,
         status, amount, payee, note, created_at, updated_at FROM transactions`,
      )
      for (const columns of [
        'occurred_on, created_at, id',
        'category_id, occurred_on',
        'occurred_on, account_id, kind, amount',
      ])
        await db.execute(
          `CREATE INDEX "bench_by ${columns}" ON bench_plain (workspace_id, ${columns})`,
        )
      await db.execute(
        `CREATE VIRTUAL TABLE bench_text USING fts5(payee, note, content = 'bench_plain',
         tokenize = 'trigram remove_diacritics 1')`,
      )
      await db.execute("INSERT INTO bench_text (bench_text) VALUES ('rebuild')")
      await db.execute("INSERT INTO bench_text (bench_text) VALUES ('optimize')")
    },
    [rowCount, words] as const,
  )
  await database.dispose()
}

const indexPollMs = 500

/** The search index is filled while the device rests. */
export async function waitUntilIndexed(page: Page): Promise<void> {
  for (;;) {
    const [stale] = await queryApp<{ rows: number }>(
      page,
      'SELECT count(*) AS rows FROM search_stale',
    )
    if (stale?.rows === 0) return
    await new Promise((resolve) => setTimeout(resolve, indexPollMs))
  }
}
