import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { trackedTables } from './tables.ts'

/** Begins to keep, by version of the clock, what every tracked table holds. */
export async function installHistory(pool: pg.Pool): Promise<void> {
  await pool.query(await readFile(new URL('history.sql', import.meta.url), 'utf8'))
  for (const { name } of trackedTables) {
    if (name === 'contract_clock') continue
    await pool.query(
      `CREATE TRIGGER contract_track AFTER INSERT OR UPDATE OR DELETE ON ${name}
         FOR EACH ROW EXECUTE FUNCTION contract_track();
       CREATE TRIGGER contract_track_truncate AFTER TRUNCATE ON ${name}
         FOR EACH STATEMENT EXECUTE FUNCTION contract_track()`,
    )
  }
}

export async function removeHistory(pool: pg.Pool): Promise<void> {
  await pool.query('DROP FUNCTION IF EXISTS contract_track CASCADE')
}

/** Does the work in one transaction of its own version, and returns the version. */
export async function inVersion(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<void>,
): Promise<bigint> {
  const client = await pool.connect()
  const onError = () => undefined // the statement under way says so too
  client.on('error', onError)
  try {
    await client.query('BEGIN')
    const { rows } = await client.query<{ version: string }>(
      'UPDATE contract_clock SET version = version + 1 RETURNING version',
    )
    await work(client)
    await client.query('COMMIT')
    client.off('error', onError)
    client.release()
    return BigInt(rows[0]?.version ?? 0)
  } catch (error) {
    client.release(true)
    throw error
  }
}

export async function readVersion(pool: pg.Pool): Promise<bigint> {
  const { rows } = await pool.query<{ version: string }>('SELECT version FROM contract_clock')
  return BigInt(rows[0]?.version ?? 0)
}
