import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate, sourceMigrationsDir } from './migrate.ts'

describe('migrate', () => {
  let database: TestDatabase
  let migrationsDir: string
  beforeEach(async () => {
    database = await createTestDatabase()
    migrationsDir = await mkdtemp(path.join(tmpdir(), 'sealbook-migrations-'))
    await cp(sourceMigrationsDir, migrationsDir, { recursive: true })
  })
  afterEach(async () => {
    await database.drop()
    await rm(migrationsDir, { recursive: true })
  })

  it('applies everything once, in order', async () => {
    const applied = await migrate(database.pool, { migrationsDir })
    expect(applied.length).toBeGreaterThan(2)
    expect(applied).toEqual([...applied].sort())
    expect(await migrate(database.pool, { migrationsDir })).toEqual([])
  })

  it('is safe when several processes start at once', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.pool)))
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1)
  })

  it('refuses a past migration that was changed', async () => {
    const [first = ''] = await migrate(database.pool, { migrationsDir })
    await writeFile(path.join(migrationsDir, first), 'SELECT 1')
    await expect(migrate(database.pool, { migrationsDir })).rejects.toThrow(`${first} was changed`)
  })

  it('refuses a past migration that went missing', async () => {
    const [first = ''] = await migrate(database.pool, { migrationsDir })
    await rm(path.join(migrationsDir, first))
    await expect(migrate(database.pool, { migrationsDir })).rejects.toThrow(`${first} is missing`)
  })

  it('leaves nothing of a migration that fails', async () => {
    await migrate(database.pool, { migrationsDir })
    await writeFile(path.join(migrationsDir, '9999_broken.sql'), 'CREATE TABLE half (); SELECT 1/0')
    await expect(migrate(database.pool, { migrationsDir })).rejects.toThrow(
      '9999_broken.sql failed',
    )
    const { rows } = await database.pool.query(`SELECT to_regclass('half') AS half`)
    expect(rows).toEqual([{ half: null }])
  })
})
