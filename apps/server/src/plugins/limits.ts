import rateLimit, { type FastifyRateLimitStore } from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import type { RateLimit } from './config.ts'
import { ApiError } from './errors.ts'

/** Addresses remembered by the per-process counter. */
const rememberedAddresses = 20_000

/** Counts the requests of one context by client address, in this process. Call it first. */
export async function limitRequests(app: FastifyInstance, limit: RateLimit): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max: limit.max,
    timeWindow: limit.windowMs,
    cache: rememberedAddresses,
    errorResponseBuilder: tooManyRequests,
  })
  // A hook of the context runs before those added later; the plugin's own would run last.
  app.addHook('onRequest', app.rateLimit())
}

/** The same, counted in Postgres: the limit holds for all processes together and over restarts. */
export async function limitAttempts(
  app: FastifyInstance,
  pool: pg.Pool,
  limit: RateLimit,
  name: string,
): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max: limit.max,
    timeWindow: limit.windowMs,
    store: countInPostgres(pool, name),
    errorResponseBuilder: tooManyRequests,
  })
  app.addHook('onRequest', app.rateLimit())
}

function tooManyRequests(): ApiError {
  return new ApiError('too-many-requests', 'too many requests; wait as long as Retry-After says')
}

type StoreCallback = Parameters<FastifyRateLimitStore['incr']>[1]

/** The plugin makes the store itself, so it is given a class. */
function countInPostgres(pool: pg.Pool, name: string) {
  return class PostgresCounter implements FastifyRateLimitStore {
    incr(address: string, callback: StoreCallback, windowMs: number): void {
      countHit(pool, `${name} ${address}`, windowMs).then(
        (result) => callback(null, result),
        (error: unknown) => callback(error as Error),
      )
    }

    child(): FastifyRateLimitStore {
      return this
    }
  }
}

async function countHit(pool: pg.Pool, key: string, windowMs: number) {
  const { rows } = await pool.query<{ current: number; ttl: number }>(countHitSql, [key, windowMs])
  const result = rows[0]
  if (result === undefined) throw new Error('the counter returned no row')
  if (result.current === 1) await pool.query('DELETE FROM rate_limits WHERE window_ends_at < now()')
  return result
}

const countHitSql = `
  INSERT INTO rate_limits AS counter (key, hits, window_ends_at)
  VALUES ($1, 1, now() + $2 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN counter.window_ends_at <= now() THEN 1 ELSE counter.hits + 1 END,
    window_ends_at = CASE WHEN counter.window_ends_at <= now()
      THEN excluded.window_ends_at ELSE counter.window_ends_at END
  RETURNING hits AS current,
    ceil(extract(epoch FROM window_ends_at - now()) * 1000)::integer AS ttl`
