import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { watchReplication } from './replication-watch.ts'

describe('the watch over replication', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('says once that nobody reads, and once that somebody does again', async () => {
    const said: string[] = []
    let isRead = false
    const answers = {
      // The slot's state is what Postgres says; only who reads it is played.
      query: async (sql: string) => {
        const { rows } = await database.pool.query<{ isRead: boolean }>(sql)
        return { rows: rows.map((row) => ({ isRead: row.isRead || isRead })) }
      },
    }
    const end = watchReplication(
      answers as unknown as TestDatabase['pool'],
      {
        warn: (text: string) => said.push(`warn ${text}`),
        info: (text: string) => said.push(`info ${text}`),
      } as never,
      5,
    )
    await expect.poll(() => said).toEqual([expect.stringMatching(/^warn no sync service reads/)])
    isRead = true
    await expect.poll(() => said[1]).toMatch(/^info a sync service reads/)
    isRead = false
    await expect.poll(() => said[2]).toMatch(/^warn/)
    end()
    expect(said).toHaveLength(3)
  })
})
