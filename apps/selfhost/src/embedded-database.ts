import { startPostgres } from '@sealbook/pg-runtime'
import path from 'node:path'
import pg from 'pg'

/** The Postgres that the app uses. */
export interface Database {
  readonly url: string
  /** Resolves when an embedded server is gone; never for an outside one. */
  readonly exited: Promise<void>
  stop(): Promise<void>
}

const role = 'sealbook_app'
const database = 'sealbook'

/** Starts Postgres below `dataDir`; the app's role owns its database and is no superuser. */
export async function startEmbeddedDatabase(dataDir: string, password: string): Promise<Database> {
  const postgres = await startPostgres({ dataDir: path.join(dataDir, 'postgres') })
  try {
    await ensureDatabase(postgres.url, password)
  } catch (error) {
    await postgres.stop()
    throw error
  }
  const url = new URL(postgres.url)
  url.username = role
  url.password = password
  url.pathname = `/${database}`
  return { url: url.href, exited: postgres.exited, stop: () => postgres.stop() }
}

async function ensureDatabase(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
    const verb = roles.rowCount ? 'ALTER' : 'CREATE'
    // REPLICATION is what the sync engine reads changes with.
    await client.query(
      `${verb} ROLE ${role} LOGIN REPLICATION PASSWORD ${client.escapeLiteral(password)}`,
    )
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (!found.rowCount) await client.query(`CREATE DATABASE ${database} OWNER ${role}`)
  } finally {
    await client.end()
  }
}
