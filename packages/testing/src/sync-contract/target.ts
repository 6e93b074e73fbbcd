import pg from 'pg'
import { createTestDatabase } from '../test-database.ts'
import { createEngineProcess, type EngineProcess } from './engine-process.ts'
import { openSigningKey, type SigningKey } from './signing-key.ts'
import { prepareSource } from './source.ts'

/** The engine under test with its database. */
export interface Target {
  readonly url: string
  readonly databaseUrl: string
  readonly pool: pg.Pool
  readonly key: SigningKey
  /** The embedded engine; null when `SYNC_URL` names another. */
  readonly engine: EngineProcess | null
  close(): Promise<void>
}

/**
 * The engine that `SYNC_URL` and `DATABASE_URL` name, else the embedded one on a database of its own.
 * @param seed fills the database before the embedded engine takes its first snapshot of it.
 */
export async function openTarget(
  seed: (pool: pg.Pool) => Promise<void> = () => Promise.resolve(),
): Promise<Target> {
  const key = await openSigningKey()
  const { SYNC_URL, DATABASE_URL } = process.env
  return SYNC_URL && DATABASE_URL
    ? openOutside(SYNC_URL, DATABASE_URL, key, seed)
    : openEmbedded(key, seed)
}

export const isEmbedded = !process.env['SYNC_URL']

async function openOutside(
  url: string,
  databaseUrl: string,
  key: SigningKey,
  seed: (pool: pg.Pool) => Promise<void>,
): Promise<Target> {
  const pool = new pg.Pool({ connectionString: databaseUrl })
  pool.on('error', () => undefined)
  await requireReplication(pool)
  // `npm run test:sync` has prepared it: the engine must know the tables before it starts.
  await seed(pool)
  return { url, databaseUrl, pool, key, engine: null, close: () => pool.end() }
}

/** The test that switches engines starts the embedded one as this role. */
async function requireReplication(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ role: string; may: boolean }>(
    'SELECT rolname AS role, rolreplication OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
  )
  const [found] = rows
  if (found?.may) return
  await pool.end()
  throw new Error(
    `The role of DATABASE_URL may not replicate. Run as superuser: ALTER ROLE "${found?.role}" REPLICATION`,
  )
}

async function openEmbedded(
  key: SigningKey,
  seed: (pool: pg.Pool) => Promise<void>,
): Promise<Target> {
  const database = await createTestDatabase()
  return startEmbedded({
    url: database.url,
    pool: database.pool,
    key,
    seed,
    drop: () => database.drop(),
  })
}

/** The embedded engine on any empty database. */
export async function startEmbedded(on: {
  readonly url: string
  readonly pool: pg.Pool
  readonly key: SigningKey
  readonly seed?: (pool: pg.Pool) => Promise<void>
  /** Called at the end, once the engine is gone. */
  readonly drop: () => Promise<void>
}): Promise<Target> {
  const { url: databaseUrl, pool, key } = on
  const engine = await createEngineProcess({ databaseUrl, key })
  try {
    await prepareSource(pool)
    await on.seed?.(pool)
    await engine.start()
  } catch (error) {
    await engine.dispose()
    await on.drop()
    throw error
  }
  return {
    url: engine.url,
    databaseUrl,
    pool,
    key,
    engine,
    async close() {
      await engine.dispose()
      await on.drop()
    },
  }
}
