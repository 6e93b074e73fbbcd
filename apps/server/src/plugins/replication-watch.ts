import type { FastifyBaseLogger } from 'fastify'
import type pg from 'pg'

const checkEveryMs = 60_000

/**
 * Says in the log when no sync service reads the changes of this database, and when one does again.
 * The service's own probes answer 200 while it may read nothing.
 *
 * @returns ends it.
 */
export function watchReplication(
  pool: Pick<pg.Pool, 'query'>,
  logger: Pick<FastifyBaseLogger, 'warn' | 'info'>,
  everyMs: number = checkEveryMs,
): () => void {
  let wasRead: boolean | null = null
  const check = async (): Promise<void> => {
    const { rows } = await pool.query<{ isRead: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_replication_slots
         WHERE database = current_database() AND slot_type = 'logical' AND active) AS "isRead"`,
    )
    const isRead = rows[0]?.isRead ?? false
    if (isRead === wasRead) return
    wasRead = isRead
    if (isRead) logger.info('a sync service reads the changes')
    else logger.warn(notRead)
  }
  // A Postgres that is away is said elsewhere.
  const timer = setInterval(() => void check().catch(() => undefined), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

const notRead =
  'no sync service reads the changes, so devices get none: is it running, and does its log say ' +
  'why it cannot? docs/self-hosting.md says what it must be given'
