import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import './global-setup.ts'

/** A fresh, empty database in the run's Postgres. */
export interface TestDatabase {
  readonly url: string
  readonly pool: pg.Pool
  /** Ends the pool, drops the database's replication slots, then the database. */
  drop(): Promise<void>
}

/** Makes one; call `drop` in `afterAll` or `afterEach`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await runOnce(adminUrl, (client) => client.query(`CREATE DATABASE ${name}`))
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href })
  // DROP ... WITH (FORCE) ends idle clients; that is no failure of the test.
  pool.on('error', () => undefined)
  return {
    url: url.href,
    pool,
    async drop() {
      await pool.end()
      await runOnce(adminUrl, (client) => dropDatabase(client, name))
    },
  }
}

/** A database with a replication slot cannot be dropped, and a slot in use cannot either. */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
      WHERE database = $1 AND active_pid IS NOT NULL`,
    [name],
  )
  const slots = `SELECT slot_name FROM pg_replication_slots WHERE database = $1`
  for (const { slot_name } of (await client.query<{ slot_name: string }>(slots, [name])).rows) {
    await dropSlot(client, slot_name)
  }
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`)
}

async function dropSlot(client: pg.Client, slot: string): Promise<void> {
  const objectInUse = '55006' // its walsender is still on its way out
  for (let attempt = 0; ; attempt++) {
    try {
      await client.query('SELECT pg_drop_replication_slot($1)', [slot])
      return
    } catch (error) {
      if ((error as pg.DatabaseError).code !== objectInUse || attempt === 100) throw error
      await client.query('SELECT pg_sleep(0.02)')
    }
  }
}

async function runOnce(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
