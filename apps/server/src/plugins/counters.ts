import type pg from 'pg'

/** Counts what happened under a key in a window that begins with the first. */
export interface Counter {
  /** Counts one more. */
  hit(key: string, windowMs: number): Promise<Count>
}

export interface Count {
  readonly hits: number
  /** Until the window ends. */
  readonly leftMs: number
}

/** Keys that a process remembers; of more, the windows that began first are forgotten. */
const rememberedKeys = 20_000

/** In this process, forgotten with it. @param now milliseconds. */
export function countInMemory(now: () => number): Counter {
  const windows = new Map<string, { hits: number; endsAt: number }>()
  return {
    hit(key, windowMs) {
      const at = now()
      const known = windows.get(key)
      const isOpen = known !== undefined && known.endsAt > at
      const window = isOpen ? known : { hits: 0, endsAt: at + windowMs }
      window.hits += 1
      if (!isOpen) {
        windows.delete(key)
        windows.set(key, window)
        const [oldest] = windows.keys()
        if (windows.size > rememberedKeys && oldest !== undefined) windows.delete(oldest)
      }
      return Promise.resolve({ hits: window.hits, leftMs: window.endsAt - at })
    },
  }
}

/** For all processes together and over restarts. */
export function countInPostgres(pool: pg.Pool): Counter {
  return {
    async hit(key, windowMs) {
      const { rows } = await pool.query<{ hits: number; left_ms: number }>(hitSql, [key, windowMs])
      const [row] = rows
      if (row === undefined) throw new Error('the counter returned no row')
      if (row.hits === 1) await pool.query('DELETE FROM rate_limits WHERE window_ends_at < now()')
      return { hits: row.hits, leftMs: row.left_ms }
    },
  }
}

const hitSql = `
  INSERT INTO rate_limits AS counter (key, hits, window_ends_at)
  VALUES ($1, 1, now() + $2 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN counter.window_ends_at <= now() THEN 1 ELSE counter.hits + 1 END,
    window_ends_at = CASE WHEN counter.window_ends_at <= now()
      THEN excluded.window_ends_at ELSE counter.window_ends_at END
  RETURNING hits, ceil(extract(epoch FROM window_ends_at - now()) * 1000)::integer AS left_ms`
