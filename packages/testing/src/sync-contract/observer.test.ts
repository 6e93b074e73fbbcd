import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openRun, type Run } from './random-run.ts'
import { isEmbedded } from './target.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let run: Run

beforeAll(async () => {
  run = await openRun(1)
  for (let n = 0; n < 30; n++) await run.operate()
  await run.fleet.settle()
})
afterAll(() => run.close())

// What checks the random runs must itself be able to fail. The engine does not matter here.
describe.runIf(isEmbedded).each([
  ['a client that sees the clock', 0],
  ['a client that does not', 5],
])('of %s, the observer', (_, index) => {
  const table = (id: string) => `UPDATE ps_data__accounts_encrypt SET data = ${id}`

  it.each([
    ['a value that was never there', table(`json_set(data, '$.sort_order', 77)`)],
    ['a row that was never there', `INSERT INTO ps_data__accounts_encrypt VALUES ('x', '{}')`],
    ['rows that are missing', 'DELETE FROM ps_data__accounts_encrypt'],
  ])('finds %s', async (_, sql) => {
    const member = run.fleet.members[index]
    if (!member) throw new Error('There is no such member')
    const { db } = member.client
    await member.observer.observe(db)
    await member.observer.check()
    await db.writeTransaction(async (tx) => {
      await tx.execute(sql)
      await member.observer.observe(tx)
      await tx.rollback()
    })
    await expect(member.observer.check()).rejects.toThrow(/accounts_encrypt\//)
    member.observer.forget()
  })

  it('does not mind a write of its own that comes while it reads', async () => {
    const member = run.fleet.members[index]
    if (!member) throw new Error('There is no such member')
    const { client, observer } = member
    const key = 'accounts_encrypt/late'
    await client.db.writeTransaction(async (tx) => {
      await observer.observe({
        async getAll<T>(sql: string) {
          observer.ownWrites.set(key, { key, isWritten: true, committed: null })
          await tx.execute(`INSERT INTO ps_data__accounts_encrypt VALUES ('late', '{}')`)
          return tx.getAll<T>(sql)
        },
      })
      await tx.rollback()
    })
    await observer.check()
    observer.ownWrites.delete(key)
  })
})
