import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { alternate, type BenchResult, type Workload } from '../measure.ts'
import { setStage } from '../sync/stage.ts'
import { accountRow, transactionRow, type ClientRow } from '../upload/rows.ts'
import { startServer } from '../upload/server.ts'

const batchSize = 500
const batches = 4
const rounds = 9
const minRatio = 0.5

/** What the server accepts over HTTP, against bare inserts of such rows on one connection. */
export const uploadWorkload: Workload = {
  names: ['upload.operations'],
  run: async () => {
    const stage = await setStage()
    const server = await startServer(stage.databaseUrl, randomUUID())
    const bare = new pg.Client({ connectionString: stage.databaseUrl })
    try {
      await bare.connect()
      const account = accountRow(server.workspaceId)
      await server.upload([put('accounts_encrypt', account)])
      const draw = () =>
        Array.from({ length: batches }, () =>
          Array.from({ length: batchSize }, () => transactionRow(server.workspaceId, account.id)),
        )
      const ours = () =>
        rate(draw(), (rows) => server.upload(rows.map((row) => put('transactions_encrypt', row))))
      const reference = () => rate(draw(), (rows) => insert(bare, rows))
      await Promise.all([ours(), reference()]) // warms both up
      return [report(await alternate(rounds, ours, reference))]
    } finally {
      await bare.end()
      await server.close()
      await stage.close()
    }
  },
}

function put(table: string, { id, data }: ClientRow) {
  return { op: 'PUT', table, id, data }
}

/** One prepared statement for each row, all in one transaction. */
async function insert(client: pg.Client, rows: readonly ClientRow[]): Promise<void> {
  await client.query('BEGIN')
  for (const { id, data } of rows) {
    const columns = Object.keys(data)
    const places = columns.map((_, place) => `$${place + 2}`).join(', ')
    await client.query({
      name: 'insert',
      text: `INSERT INTO transactions_encrypt (id, ${columns.join(', ')}) VALUES ($1, ${places})`,
      values: [id, ...Object.values(data)],
    })
  }
  await client.query('COMMIT')
}

async function rate(
  drawn: readonly ClientRow[][],
  work: (rows: readonly ClientRow[]) => Promise<void>,
): Promise<number> {
  const start = performance.now()
  for (const rows of drawn) await work(rows)
  return ((batches * batchSize) / (performance.now() - start)) * 1_000
}

function report(measured: { ours: number; reference: number }): BenchResult {
  const ratio = measured.ours / measured.reference
  return {
    name: 'upload.operations',
    unit: 'ops/s',
    ...measured,
    ratio,
    goal: `ratio >= ${minRatio}`,
    holds: ratio >= minRatio,
  }
}
