import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountRow, put, signUpWithWorkspace, upload } from '../../../test/rows.ts'
import { startTestApp } from '../../../test/test-app.ts'
import { migrate } from '../../plugins/migrate.ts'
import { ServerLife } from './server-life.ts'

interface LifeRow {
  id: string
  started_at: number
  position: number
}

async function lives({ pool }: TestDatabase): Promise<LifeRow[]> {
  const { rows } = await pool.query<LifeRow>(
    `SELECT id, started_at::float8 AS started_at, position::float8 AS position
       FROM server_lives ORDER BY started_at`,
  )
  return rows
}

const hourMs = 3_600_000

describe('a server’s life', () => {
  let database: TestDatabase
  let warnings: string[]
  const begun: ServerLife[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.pool)
    warnings = []
  })
  afterEach(async () => {
    for (const life of begun.splice(0)) await life.end()
    await database.drop()
  })

  async function begin(options: { now?: () => number; intervalMs?: number } = {}) {
    const logger = { warn: (_: unknown, message?: string) => warnings.push(message ?? '') }
    const life = await ServerLife.begin({ pool: database.pool, logger, ...options })
    begun.push(life)
    return life
  }

  it('is a row of its own for each start, later than all before it though the clock went back', async () => {
    await begin({ now: () => hourMs })
    await begin({ now: () => 0 })
    const rows = await lives(database)
    expect(rows.map(({ started_at }) => started_at)).toEqual([hourMs, hourMs + 1])
    expect(rows.map(({ position }) => position)).toEqual([0, 0])
  })

  it('keeps the newest thousand', async () => {
    await database.pool.query(
      `INSERT INTO server_lives SELECT gen_random_uuid(), n, 0 FROM generate_series(1, 1200) AS n`,
    )
    await begin()
    const rows = await lives(database)
    expect(rows).toHaveLength(1_000)
    expect(rows[0]?.started_at).toBe(202)
  })

  it('moves on at once, then once for all uploads of the interval', async () => {
    const life = await begin({ intervalMs: 60_000 })
    life.noteUpload()
    await expect.poll(() => lives(database)).toMatchObject([{ position: 1 }])
    for (let count = 0; count < 10; count++) life.noteUpload()
    expect(await lives(database)).toMatchObject([{ position: 1 }])
    await life.end()
    expect(await lives(database)).toMatchObject([{ position: 2 }])
    life.noteUpload()
    expect(await lives(database)).toMatchObject([{ position: 2 }])
  })

  it('moves on after the interval too', async () => {
    const life = await begin({ intervalMs: 10 })
    for (let position = 1; position <= 3; position++) {
      life.noteUpload()
      await expect.poll(() => lives(database)).toMatchObject([{ position }])
    }
  })

  it('is another life when the database was put back under it', async () => {
    const life = await begin({ intervalMs: 10 })
    life.noteUpload()
    await expect.poll(() => lives(database)).toMatchObject([{ position: 1 }])
    await database.pool.query('UPDATE server_lives SET position = 0')
    life.noteUpload()
    await expect.poll(() => lives(database)).toMatchObject([{ position: 0 }, { position: 0 }])
    await database.pool.query('DELETE FROM server_lives')
    life.noteUpload()
    await expect.poll(() => lives(database)).toMatchObject([{ position: 0 }])
  })

  it('goes on where Postgres comes back', async () => {
    const life = await begin({ intervalMs: 10 })
    await database.pool.query('ALTER TABLE server_lives RENAME TO away')
    life.noteUpload()
    await expect.poll(() => warnings.length).toBeGreaterThan(1)
    await database.pool.query('ALTER TABLE away RENAME TO server_lives')
    await expect.poll(() => lives(database)).toMatchObject([{ position: 1 }])
  })
})

describe('the server', () => {
  it('begins a life, and moves its position on after what it applied alone', async () => {
    const test = await startTestApp()
    const { person, workspaceId } = await signUpWithWorkspace(test.app)
    const refused = put('accounts_encrypt', accountRow(randomUUID()))
    await upload(person, [refused])
    expect(await lives(test.database)).toMatchObject([{ position: 0 }])
    await upload(person, [refused, put('accounts_encrypt', accountRow(workspaceId))])
    await expect.poll(() => lives(test.database)).toMatchObject([{ position: 1 }])
    await test.close()
  })

  it('applies uploads when its life cannot be written', async () => {
    const test = await startTestApp()
    const { person, workspaceId } = await signUpWithWorkspace(test.app)
    await test.database.pool.query('DROP TABLE server_lives')
    const answer = await upload(person, [put('accounts_encrypt', accountRow(workspaceId))])
    expect(answer).toEqual({ applied: 1, errors: [] })
    await test.close()
  })
})
