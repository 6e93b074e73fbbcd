import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type pg from 'pg'

/** How often at most a life's position is written while uploads come. */
const bumpIntervalMs = 5_000
/** A device that was away for more starts than this cannot tell whether the server lost anything. */
const keptLives = 1_000

export interface ServerLifeDeps {
  readonly pool: pg.Pool
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly intervalMs?: number
}

/**
 * What devices know this run of the server by: a row of `server_lives` whose position grows after
 * uploads were applied, so that a device notices when the database is put back to an older state.
 * Nothing here is part of an upload: what fails is logged, and tried again after the interval.
 */
export class ServerLife {
  readonly #deps: Required<ServerLifeDeps>
  readonly #ending = new AbortController()
  #id = ''
  /** As this process last wrote it. */
  #position = 0
  #isDue = false
  #writing: Promise<void> | null = null

  private constructor(deps: Required<ServerLifeDeps>) {
    this.#deps = deps
  }

  /** Adds the row of a new life, and removes the oldest beyond the 1,000 that are kept. */
  static async begin(deps: ServerLifeDeps): Promise<ServerLife> {
    const life = new ServerLife({ now: Date.now, intervalMs: bumpIntervalMs, ...deps })
    await life.#begin()
    return life
  }

  /** Moves the position on: at once, or when the interval since the last time is over. */
  noteUpload(): void {
    if (this.#ending.signal.aborted) return
    this.#isDue = true
    this.#writing ??= this.#write()
  }

  /** Writes what is still due, and no more after that. */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.#writing
  }

  async #write(): Promise<void> {
    const { signal } = this.#ending
    while (this.#isDue) {
      this.#isDue = false
      await this.#bump().catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'the position of this server’s life was not written')
        this.#isDue = !signal.aborted
      })
      await delay(this.#deps.intervalMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
    this.#writing = null
  }

  /**
   * A row that is not as it was left means that the database was put back under a running server (or
   * that the row was removed as too old): a new life begins, and the old row tells devices of it.
   */
  async #bump(): Promise<void> {
    const { rowCount } = await this.#deps.pool.query(
      'UPDATE server_lives SET position = $3 WHERE id = $1 AND position = $2',
      [this.#id, this.#position, this.#position + 1],
    )
    if (rowCount === 0) await this.#begin()
    else this.#position += 1
  }

  /** Later than every life before it, whatever the clock says: devices go by the newest. */
  async #begin(): Promise<void> {
    const { pool, now } = this.#deps
    const id = randomUUID()
    await pool.query(
      `INSERT INTO server_lives (id, started_at, position)
       SELECT $1, GREATEST($2::bigint, max(started_at) + 1), 0 FROM server_lives`,
      [id, now()],
    )
    this.#id = id
    this.#position = 0
    await pool.query(
      `DELETE FROM server_lives WHERE id IN
         (SELECT id FROM server_lives ORDER BY started_at DESC, id OFFSET $1)`,
      [keptLives],
    )
  }
}
