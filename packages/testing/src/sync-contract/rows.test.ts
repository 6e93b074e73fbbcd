import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SyncClient, SyncClientOptions } from './client.ts'
import { addPerson, addWorkspace } from './people.ts'
import { openSuite, type Suite } from './suite.ts'
import { generatedTable, truncatedTable, valuesTable, widenedTable } from './tables.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let suite: Suite
let person: string
let workspace: string
let client: SyncClient
/** Looks at the client after each checkpoint. */
let observe: SyncClientOptions['onCheckpoint'] | undefined

/** One of everything, and of nothing. The same rows by the snapshot and live. */
const sampleValues = `
  INSERT INTO contract_values VALUES
  (gen_random_uuid(), $1, 'Žluťoučký kůň 🐎 "quoted" \\ line' || chr(10) || 'break' || chr(9) || chr(1),
   repeat('ž🐎', 5000), 'limited', -32768, 2147483647, 9007199254740993,
   12345678901234567890.123456789, 0.1, true, '2024-02-29', '23:59:59.25',
   '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789012+02', '{"b": [1, 2.50, null], "a": "ž"}',
   '{"b": 9007199254740993, "a": {}}', gen_random_uuid(), 'žlutý',
   ARRAY['plain', 'with "quotes", \\ and {braces}', '', NULL, 'NULL', 'ž'],
   ARRAY[1, NULL, 9007199254740993], ARRAY[[1, 2], [3, 4]], ARRAY['calm', 'žlutý']::contract_mood[]),
  (gen_random_uuid(), $1, '', '', '', 0, 0, 0, 0, 0, false, '0001-01-01', '00:00:00',
   '1970-01-01 00:00:00', '1970-01-01 00:00:00+00', 'null', '[]', NULL, 'calm', '{}', '{}', '{}', '{}'),
  (gen_random_uuid(), $1, NULL, NULL, NULL, 32767, -2147483648, 9223372036854775807,
   -0.10, 1.5e300, NULL, '9999-12-31', '12:00:00', '9999-12-31 23:59:59.999999',
   '1999-12-31 23:59:59.9-11:30', '"text"', 'true', NULL, 'wild', NULL, NULL, NULL, NULL),
  (gen_random_uuid(), $1, 'min', NULL, NULL, NULL, NULL, -9223372036854775808, 100.00, -1e-300,
   NULL, NULL, NULL, NULL, NULL, '1.0', '-0', NULL, NULL, NULL, NULL, NULL, NULL),
  (gen_random_uuid(), $1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`

beforeAll(async () => {
  suite = await openSuite(async (pool) => {
    person = await addPerson(pool)
    workspace = await addWorkspace(pool, person)
    await pool.query(sampleValues, [workspace])
    await pool.query(
      `INSERT INTO contract_generated (id, workspace_id, amount, words)
         SELECT gen_random_uuid(), $1, n, 'before' FROM generate_series(1, 3) n`,
      [workspace],
    )
    const stranger = await addPerson(pool)
    await pool.query(sampleValues, [await addWorkspace(pool, stranger)])
  })
  client = await suite.open(person, {
    onCheckpoint: (opened) => observe?.(opened) ?? Promise.resolve(),
  })
})

afterAll(() => suite.close())

afterEach(async () => {
  for (const { name } of [valuesTable, generatedTable, truncatedTable, widenedTable]) {
    await suite.pool.query(`DELETE FROM ${name} WHERE workspace_id = $1`, [workspace])
  }
  await suite.untilSame(client)
})

async function addRow(words: string): Promise<string> {
  const id = randomUUID()
  await suite.pool.query(
    'INSERT INTO contract_values (id, workspace_id, words) VALUES ($1, $2, $3)',
    [id, workspace, words],
  )
  return id
}

describe('rows', () => {
  it('come by the snapshot with every kind of value', async () => {
    await suite.untilSame(client)
    const { count } = await client.db.get<{ count: number }>(
      'SELECT count(*) AS count FROM contract_values',
    )
    expect(count).toBe(5)
  })

  it('come live with every kind of value', async () => {
    await suite.pool.query(sampleValues, [workspace])
    await suite.untilSame(client)
    await suite.pool.query(
      `UPDATE contract_values SET words = 'changed', moods = NULL, instant = now() WHERE workspace_id = $1`,
      [workspace],
    )
    await suite.untilSame(client)
  })

  it('keep a number beyond 2^53 exactly', async () => {
    const id = await addRow('big')
    await suite.pool.query('UPDATE contract_values SET big = 9007199254740993 WHERE id = $1', [id])
    await suite.untilSame(client)
    const row = await client.db.get(
      'SELECT CAST(big AS TEXT) AS big, typeof(big) AS type FROM contract_values WHERE id = ?',
      [id],
    )
    expect(row).toEqual({ big: '9007199254740993', type: 'integer' })
  })

  it('are inserted, updated and deleted', async () => {
    const id = await addRow('first')
    await suite.untilSame(client, [valuesTable])
    await suite.pool.query(`UPDATE contract_values SET words = 'second' WHERE id = $1`, [id])
    await suite.untilSame(client, [valuesTable])
    await suite.pool.query('DELETE FROM contract_values WHERE id = $1', [id])
    await suite.untilSame(client, [valuesTable])
  })

  it('follow a change of their key', async () => {
    const id = await addRow('renamed')
    await suite.untilSame(client, [valuesTable])
    await suite.pool.query('UPDATE contract_values SET id = gen_random_uuid() WHERE id = $1', [id])
    await suite.untilSame(client, [valuesTable])
  })

  it('may swap their keys in one transaction', async () => {
    const [first, second, spare] = [await addRow('first'), await addRow('second'), randomUUID()]
    await suite.untilSame(client, [valuesTable])
    await suite.pool.query(
      `BEGIN; UPDATE contract_values SET id = '${spare}' WHERE id = '${first}';
       UPDATE contract_values SET id = '${first}' WHERE id = '${second}';
       UPDATE contract_values SET id = '${second}' WHERE id = '${spare}'; COMMIT`,
    )
    await suite.untilSame(client, [valuesTable])
  })

  it('keep a TOASTed value that an update did not touch', async () => {
    const id = await addRow('first')
    await suite.pool.query(
      `UPDATE contract_values SET long_words = repeat('ž🐎', 20000) WHERE id = $1`,
      [id],
    )
    await suite.untilSame(client, [valuesTable])
    await suite.pool.query(`UPDATE contract_values SET words = 'second' WHERE id = $1`, [id])
    await suite.untilSame(client, [valuesTable])
    await suite.pool.query('UPDATE contract_values SET id = gen_random_uuid() WHERE id = $1', [id])
    await suite.untilSame(client, [valuesTable])
  })

  it('go with a TRUNCATE, and come again after it', async () => {
    const insert = `INSERT INTO contract_truncated
      SELECT gen_random_uuid(), $1, 'row ' || n FROM generate_series(1, 700) n`
    await suite.pool.query(insert, [workspace])
    await suite.untilSame(client, [truncatedTable])
    await suite.pool.query('TRUNCATE contract_truncated')
    await suite.untilSame(client, [truncatedTable])
    await suite.pool.query(
      `BEGIN; TRUNCATE contract_truncated;
       INSERT INTO contract_truncated VALUES (gen_random_uuid(), '${workspace}', 'after'); COMMIT`,
    )
    await suite.untilSame(client, [truncatedTable])
  })

  it('of a table with a generated column are whole, by the snapshot and live', async () => {
    await suite.pool.query(
      `INSERT INTO contract_generated (id, workspace_id, amount) VALUES (gen_random_uuid(), $1, 21)`,
      [workspace],
    )
    await suite.pool.query(
      'UPDATE contract_generated SET amount = amount + 1 WHERE workspace_id = $1',
      [workspace],
    )
    await suite.untilSame(client, [generatedTable])
  })

  it('written after ADD COLUMN have the column', async () => {
    const { pool } = suite
    const insert = 'INSERT INTO contract_widened (id, workspace_id, words) VALUES ($1, $2, $3)'
    const [before, after] = [randomUUID(), randomUUID()]
    await pool.query(insert, [before, workspace, 'before'])
    const held = async (id: string, words: string) =>
      (
        await client.db.getAll('SELECT 1 FROM contract_widened WHERE id = ? AND words = ?', [
          id,
          words,
        ])
      ).length === 1
    await client.until(() => held(before, 'before'))
    await pool.query('ALTER TABLE contract_widened ADD COLUMN IF NOT EXISTS added text')
    await pool.query(insert, [after, workspace, 'after'])
    await client.until(() => held(after, 'after'))
    await pool.query(`UPDATE contract_widened SET added = 'now' WHERE workspace_id = $1`, [
      workspace,
    ])
    await suite.untilSame(client, [widenedTable])
  })

  it('of one transaction appear at once, also when they are many', async () => {
    const states = new Set<string>()
    observe = async (db) => {
      const sql = `SELECT count(*) AS n, min(words LIKE '-%') <> max(words LIKE '-%') AS mixed
                       FROM contract_truncated`
      const { n, mixed } = await db.get<{ n: number; mixed: number | null }>(sql)
      states.add(mixed ? `${n}, mixed` : String(n))
    }
    await suite.pool.query(
      `INSERT INTO contract_truncated
         SELECT gen_random_uuid(), $1, n || repeat('x', 100) FROM generate_series(1, 20000) n`,
      [workspace],
    )
    await suite.untilSame(client, [truncatedTable])
    await suite.pool.query(
      `UPDATE contract_truncated SET words = '-' || words WHERE workspace_id = $1`,
      [workspace],
    )
    await suite.untilSame(client, [truncatedTable])
    await suite.pool.query('DELETE FROM contract_truncated WHERE workspace_id = $1', [workspace])
    await suite.untilSame(client, [truncatedTable])
    expect([...states].filter((state) => state !== '0')).toEqual(['20000'])
    observe = undefined
  })

  it('of many small transactions all arrive, in order', async () => {
    const id = await addRow('0')
    for (let n = 1; n <= 500; n++) {
      await suite.pool.query('UPDATE contract_values SET words = $2 WHERE id = $1', [id, String(n)])
      if (n % 50 === 0) await addRow(`beside ${n}`)
    }
    await suite.untilSame(client, [valuesTable])
  })

  it('written and rolled back never appear', async () => {
    const { pool } = suite
    const connection = await pool.connect()
    await connection.query('BEGIN')
    await connection.query(
      `INSERT INTO contract_values (id, workspace_id) VALUES (gen_random_uuid(), $1)`,
      [workspace],
    )
    await connection.query('SAVEPOINT half')
    await connection.query(
      `INSERT INTO contract_values (id, workspace_id) SELECT gen_random_uuid(), $1 FROM generate_series(1, 2000)`,
      [workspace],
    )
    await connection.query('ROLLBACK TO half')
    await connection.query('COMMIT')
    connection.release()
    await pool.query(
      `BEGIN; INSERT INTO contract_values (id, workspace_id) VALUES (gen_random_uuid(), '${workspace}'); ROLLBACK`,
    )
    await suite.untilSame(client, [valuesTable])
  })
})
