import { appDatabase } from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { median, type BenchResult } from '../measure.ts'
import { loadAppCode } from '../page/load.ts'
import { searchText } from './seed.ts'

const rounds = 11
const maxRatio = 2
const maxMs = 50

export const queryNames = [
  'query.newest50',
  'query.month',
  'query.allTime',
  'query.search',
] as const
type QueryName = (typeof queryNames)[number]

/** The app's own queries, against the same ones to plain indexed tables in the same database. */
export async function measureQueries(page: Page): Promise<BenchResult[]> {
  await loadAppCode(page)
  const results: BenchResult[] = []
  for (const name of queryNames) {
    const samples = await sampleQuery(page, name)
    const [ours, reference] = [median(samples.ours), median(samples.reference)]
    const ratio = ours / reference
    const goal = `ratio <= ${maxRatio}, ours <= ${maxMs} ms`
    const holds = ratio <= maxRatio && ours <= maxMs
    results.push({ name, unit: 'ms', ours, reference, ratio, goal, holds })
  }
  return results
}

/** Both in turn; both must answer with as many rows. */
async function sampleQuery(
  page: Page,
  name: QueryName,
): Promise<{ ours: number[]; reference: number[] }> {
  const database = await appDatabase(page)
  const samples = await database.evaluate(
    async (db, [query, text, times]) => {
      const [workspace] = await db.getAll<{ id: string }>('SELECT id FROM workspace_settings')
      const workspaceId = workspace?.id ?? ''
      const { buildMatcher, emptyLayout, findRows, monthFlowsQuery, noFilters } = sealbookApp
      const newest = (table: string) =>
        db.getAll(
          `SELECT id, payee, note, amount, occurred_on FROM ${table} WHERE workspace_id = ?
           ORDER BY occurred_on DESC, created_at DESC, id DESC LIMIT 50`,
          [workspaceId],
        )
      const month = (table: string) =>
        db.getAll(
          `SELECT count(*) AS count, sum(amount) AS total FROM ${table} WHERE workspace_id = ?
           AND category_id = (SELECT category_id FROM bench_plain LIMIT 1)
           AND occurred_on >= '2025-03-01' AND occurred_on < '2025-04-01'`,
          [workspaceId],
        )
      const search = async () => {
        const matcher = buildMatcher(text, () => 2)
        if (matcher === null) throw new Error('nothing to search for')
        const found: unknown[] = []
        const question = {
          workspaceId,
          filters: noFilters,
          text,
          matcher,
          database: db,
        }
        // Without a layout a scan would find nothing.
        for await (const step of findRows(emptyLayout, question)) found.push(...step.found)
        return found
      }
      const pairs: Record<typeof query, [() => Promise<unknown[]>, () => Promise<unknown[]>]> = {
        'query.newest50': [() => newest('transactions'), () => newest('bench_plain')],
        'query.month': [() => month('transactions'), () => month('bench_plain')],
        'query.allTime': [
          () => {
            const { sql, parameters } = monthFlowsQuery(workspaceId)
            return db.getAll(sql, parameters)
          },
          () =>
            db.getAll(
              `SELECT substr(occurred_on, 1, 7) AS month, account_id,
                 sum(iif(kind = 'income', amount, 0)) AS income,
                 sum(iif(kind = 'expense', amount, 0)) AS expense
               FROM bench_plain WHERE workspace_id = ? GROUP BY month, account_id ORDER BY month DESC`,
              [workspaceId],
            ),
        ],
        'query.search': [
          search,
          () =>
            db.getAll(
              `SELECT id, account_id, category_id, kind, occurred_on, status, amount, payee, note,
                 created_at, updated_at FROM bench_plain
               WHERE rowid IN (SELECT rowid FROM bench_text WHERE bench_text MATCH ?)
               ORDER BY occurred_on DESC, created_at DESC, id DESC`,
              [text.split(' ').join(' AND ')],
            ),
        ],
      }
      const [ours, reference] = pairs[query]
      const [own, plain] = [await ours(), await reference()]
      if (own.length === 0 || own.length !== plain.length)
        throw new Error(`${query}: ${own.length} rows against ${plain.length}`)
      const time = async (run: () => Promise<unknown>) => {
        const start = performance.now()
        await run()
        return performance.now() - start
      }
      const taken = { ours: [] as number[], reference: [] as number[] }
      for (let round = 0; round < times; round++) {
        taken.ours.push(await time(ours))
        taken.reference.push(await time(reference))
      }
      return taken
    },
    [name, searchText, rounds] as const,
  )
  await database.dispose()
  return samples
}
