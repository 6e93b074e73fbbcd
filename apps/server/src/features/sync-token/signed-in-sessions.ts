import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'

const channel = 'sealbook_session_ended'
const retryMs = 500

export interface SignedInSessionsDeps {
  readonly pool: pg.Pool
  /** Of the same database: listening takes a connection of its own. */
  readonly databaseUrl: string
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/**
 * Which sessions are signed in, for an engine that serves their sync streams. It follows the table,
 * not the routes: a session may be ended by another server on the same database, or by hand.
 */
export class SignedInSessions {
  readonly #deps: SignedInSessionsDeps
  readonly #closing = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #client: pg.Client | null = null

  constructor(deps: SignedInSessionsDeps) {
    this.#deps = deps
  }

  /** Those of the sessions that are signed in. */
  async signedIn(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#deps.pool.query<{ id: string }>(
      'SELECT id::text AS id FROM auth_session WHERE id::text = ANY ($1) AND expires_at > now()',
      [ids],
    )
    return new Set(rows.map(({ id }) => id))
  }

  /**
   * Calls back for each session that ends from now on; with null when any may have ended: while
   * nobody could listen. To be called once.
   */
  watch(onEnded: (id: string | null) => void): void {
    this.#running = this.#listen(onEnded)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#client?.end().catch(() => undefined)
    await this.#running
  }

  async #listen(onEnded: (id: string | null) => void): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#listenOnce(onEnded)
      } catch (error) {
        if (!signal.aborted)
          this.#deps.logger.warn({ err: error }, 'ends of sessions are not heard')
      }
      await delay(retryMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Until the connection is lost or closed. */
  async #listenOnce(onEnded: (id: string | null) => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#deps.databaseUrl,
      application_name: 'sealbook sessions',
      keepAlive: true,
    })
    this.#client = client
    const ended = new Promise<void>((resolve, reject) => {
      client.once('end', resolve)
      client.once('error', reject)
    })
    ended.catch(() => undefined) // awaited below
    client.on('notification', ({ payload }) => onEnded(payload || null))
    try {
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      onEnded(null)
      await ended
    } finally {
      client.on('error', () => undefined)
      await client.end().catch(() => undefined)
    }
  }
}
