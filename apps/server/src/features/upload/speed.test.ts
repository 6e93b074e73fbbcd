import { performance } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accountRow,
  put,
  signUpWithWorkspace,
  transactionRow,
  upload,
  type TestRow,
} from '../../../test/rows.ts'
import { startTestApp, type Person, type TestApp } from '../../../test/test-app.ts'

const batchSize = 500
const rounds = 5
/** Validation, authorisation, HTTP and JSON included, against one bare prepared INSERT a row. */
const goal = 0.5

describe('a batch of 500', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  beforeAll(async () => {
    test = await startTestApp()
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
  })
  afterAll(() => test.close())

  it(`reaches ${goal} of the speed of bare inserts`, async () => {
    const account = accountRow(workspaceId)
    await upload(person, [put('accounts_encrypt', account)])
    const timesMs: { ours: number; bare: number }[] = []
    // The first round warms both up.
    for (let round = 0; round <= rounds; round++) {
      const [mine, theirs] = [rows(account.id), rows(account.id)]
      const ours = await timed(async () => {
        const batch = mine.map((row) => put('transactions_encrypt', row))
        expect((await upload(person, batch)).applied).toBe(batchSize)
      })
      timesMs.push({ ours, bare: await timed(() => insertBare(theirs)) })
    }
    const counted = timesMs.slice(1)
    const ratio = median(counted.map(({ bare }) => bare)) / median(counted.map(({ ours }) => ours))
    expect(ratio).toBeGreaterThan(goal)
  }, 120_000)

  function rows(accountId: string): TestRow[] {
    return Array.from({ length: batchSize }, () => transactionRow(workspaceId, accountId))
  }

  async function insertBare(given: readonly TestRow[]): Promise<void> {
    const client = await test.database.pool.connect()
    await client.query('BEGIN')
    for (const { id, data } of given) {
      const columns = Object.keys(data)
      const places = columns.map((_, place) => `$${place + 2}`)
      await client.query({
        name: 'bare-insert',
        text: `INSERT INTO transactions_encrypt (id, ${columns.join(', ')})
          VALUES ($1, ${places.join(', ')})`,
        values: [id, ...Object.values(data)],
      })
    }
    await client.query('COMMIT')
    client.release()
  }
})

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
