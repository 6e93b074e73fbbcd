import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { z } from 'zod'
import { buildApp } from './app.ts'
import { surviveLostClients } from './plugins/database.ts'
import { createLogger } from './plugins/log.ts'
import { migrate } from './plugins/migrate.ts'
import { watchReplication } from './plugins/replication-watch.ts'
import { prepareSyncRole } from './plugins/sync-role.ts'
import { readTrustProxy } from './plugins/trust-proxy.ts'

/** The server alone, behind a proxy and beside an outside PowerSync Service (docker-compose.yml). */

const environmentSchema = z.object({
  DATABASE_URL: z.url(),
  PUBLIC_URL: z.url(),
  /** Of the sync service, as clients reach it. */
  SYNC_URL: z.url(),
  AUTH_SECRET: z.string().min(32),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  /** As `readTrustProxy` says. */
  TRUST_PROXY: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  MIGRATIONS_DIR: z.string().optional(),
  /** The sync service's role in Postgres: it is given the published tables and no other. */
  SYNC_ROLE: z.string().optional(),
})

const statementTimeoutMs = 30_000

async function main(): Promise<void> {
  const parsed = environmentSchema.safeParse(process.env)
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw new Error(`these variables are missing or malformed: ${names}`)
  }
  const env = parsed.data
  const logger = createLogger({ level: env.LOG_LEVEL })
  const pool = new pg.Pool({
    connectionString: env.DATABASE_URL,
    statement_timeout: statementTimeoutMs,
  })
  surviveLostClients(pool, logger)
  // The bundle lies in dist/, the source in src/: the SQL is beside both.
  const here = path.dirname(fileURLToPath(import.meta.url))
  await migrate(pool, { migrationsDir: env.MIGRATIONS_DIR ?? path.join(here, '../migrations') })
  const stopWatching = watchReplication(pool, logger)
  if (env.SYNC_ROLE !== undefined) await prepareSyncRole(pool, env.SYNC_ROLE)
  const app = await buildApp({
    pool,
    logger,
    config: {
      publicUrl: env.PUBLIC_URL,
      authSecret: env.AUTH_SECRET,
      syncUrl: env.SYNC_URL,
      trustProxy: readTrustProxy(env.TRUST_PROXY),
    },
  })

  const stop = (): void => {
    stopWatching()
    void app
      .close()
      .then(() => pool.end())
      .then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  await app.listen({ host: env.HOST, port: env.PORT })
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : 'unknown'
  process.stderr.write(`the server could not start: ${reason}\n`)
  process.exit(1)
})
