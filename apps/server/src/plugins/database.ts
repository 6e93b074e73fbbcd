import type { FastifyBaseLogger } from 'fastify'
import type pg from 'pg'

/** Anything that runs SQL: the pool, or one client inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>

/**
 * Keeps a lost connection from ending the process. A pool listens to its idle clients alone, and one
 * between two statements of a transaction is not idle.
 */
export function surviveLostClients(pool: pg.Pool, logger: Pick<FastifyBaseLogger, 'warn'>): void {
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database client was lost'))
  pool.on('connect', (client) => client.on('error', () => undefined)) // its next statement fails
}

/** Runs `work` in one transaction of one client; rolls back when it throws. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken = false
  // A lost connection fails the running query; without a listener it would end the process too.
  const onLost = (): void => void (broken = true)
  client.on('error', onLost)
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A client that cannot even roll back is not given back to the pool.
    await client.query('ROLLBACK').catch(onLost)
    throw error
  } finally {
    client.off('error', onLost)
    client.release(broken)
  }
}

/** Postgres's five-character error code, or undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const { code } = error
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

const connectionErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT'])

/** True when Postgres is away, full, stopping, or gave up on a lock: the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return /^(08|53|57P|55P|40)/.test(state)
  return error instanceof Error && 'code' in error && connectionErrors.has(String(error.code))
}
