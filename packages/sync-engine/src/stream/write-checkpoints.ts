import type pg from 'pg'
import type { Hub, Subscriber } from '../hub.ts'
import { type Lsn, parseLsn } from '../replication/lsn.ts'
import type { CheckpointNumbers } from './checkpoint-numbers.ts'
import type { SyncSession } from './session.ts'

/**
 * Positions that uploading clients wait for: once the log has passed one, everything that the
 * client uploaded is in the checkpoint that says so. After a start the log is read to its end before
 * anybody is served, so that no position is stored: what was asked for before is passed.
 */
export class WriteCheckpoints {
  readonly #pool: pg.Pool
  readonly #hub: Hub
  readonly #numbers: CheckpointNumbers
  readonly #sessions = new Map<string, Set<SyncSession>>()
  /** Not reached yet; for a client that connects only after it asked. */
  readonly #pending = new Map<string, Lsn>()
  #next: Promise<Lsn> | null = null

  constructor(pool: pg.Pool, hub: Hub, numbers: CheckpointNumbers) {
    this.#pool = pool
    this.#hub = hub
    this.#numbers = numbers
  }

  /** The number of a position after all that is committed now; the client's session announces it. */
  async create(userId: string, clientId: string): Promise<bigint> {
    const lsn = await this.#mark()
    const number = this.#numbers.give(lsn)
    const key = clientKey(userId, clientId)
    if (lsn > this.#hub.lsn) {
      const known = this.#pending.get(key)
      if (known === undefined || known < lsn) this.#pending.set(key, lsn)
      this.#hub.wakeAt(lsn, this.#forgetWhenReached(key))
    }
    for (const session of this.#sessions.get(key) ?? []) session.awaitWriteCheckpoint(lsn)
    return number
  }

  /** Tells the session of the client's write checkpoints until the returned function is called. */
  register(userId: string, clientId: string, session: SyncSession): () => void {
    const key = clientKey(userId, clientId)
    const sessions = this.#sessions.get(key) ?? new Set()
    sessions.add(session)
    this.#sessions.set(key, sessions)
    const pending = this.#pending.get(key)
    if (pending !== undefined) session.awaitWriteCheckpoint(pending)
    return () => {
      sessions.delete(session)
      if (sessions.size === 0 && this.#sessions.get(key) === sessions) this.#sessions.delete(key)
    }
  }

  /** Requests that arrive before the query is sent share it. */
  #mark(): Promise<Lsn> {
    this.#next ??= Promise.resolve().then(() => {
      this.#next = null
      return emitMarker(this.#pool)
    })
    return this.#next
  }

  #forgetWhenReached(key: string): Subscriber {
    return {
      bucketChanged: () => undefined,
      lookupsChanged: () => undefined,
      wake: () => {
        const lsn = this.#pending.get(key)
        if (lsn !== undefined && lsn <= this.#hub.lsn) this.#pending.delete(key)
      },
    }
  }
}

/**
 * Writes a marker into the log and returns its position: after all that is committed by now.
 * Transactional, because its commit is flushed (and so replicated) at once on every version.
 */
export async function emitMarker(client: pg.Pool | pg.ClientBase): Promise<Lsn> {
  const { rows } = await client.query<{ lsn: string }>(
    `SELECT pg_logical_emit_message(true, 'sealbook_sync', '')::text AS lsn`,
  )
  return parseLsn(rows[0]?.lsn ?? '0/0')
}

function clientKey(userId: string, clientId: string): string {
  return JSON.stringify([userId, clientId])
}
