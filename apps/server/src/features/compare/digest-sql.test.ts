import { randomUUID } from 'node:crypto'
import { inDigestOrder, TableDigester } from '@sealbook/schema/digest'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sliceDigestsSql } from './digest-sql.ts'

const columns = ['id', 'note', 'payee', 'revision']
const workspaceId = randomUUID()

/** What Postgres can hold as text: no NUL and no half of a surrogate pair. */
const awkwardText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    '5',
    ';',
    '!',
    'note=1:x;',
    '12:',
    "'",
    '\\',
    '\u{1F4B6}',
    'e\u0301',
    '\ufeff',
  ),
)
/** All of one moment, and in few slices. */
const timeOrderedId = fc
  .tuple(fc.uuid(), fc.constantFrom('00', '09', '0a', 'a0', 'ff'))
  .map(([id, slice]) => `0193a1b2-c3d4-7${id.slice(15, -2)}${slice}`)
const rowArbitrary = fc.record({
  id: fc.oneof(fc.uuid(), timeOrderedId),
  note: fc.option(awkwardText),
  payee: fc.option(awkwardText),
  revision: fc.option(
    fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31) - 1, 1e15 + 1, Number.MAX_SAFE_INTEGER),
    ),
  ),
})

describe('sliceDigestsSql', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    await database.pool.query(
      'CREATE TABLE ledger (id uuid, workspace_id uuid, note text, payee text, revision bigint)',
    )
  })
  afterAll(() => database.drop())

  const store = async (rows: readonly object[]) => {
    await database.pool.query('TRUNCATE ledger')
    await database.pool.query(
      `INSERT INTO ledger SELECT * FROM json_populate_recordset(NULL::ledger, $1)`,
      [JSON.stringify(rows.map((row) => ({ ...row, workspace_id: workspaceId })))],
    )
  }
  const digests = async (given = columns) => {
    const { rows } = await database.pool.query<{ slice: string; rows: number; digest: string }>(
      sliceDigestsSql({ name: 'ledger', columns: given }),
      [workspaceId, '00', 'ff'],
    )
    return rows
  }

  it('agrees with the digest of a device, whatever the rows hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(rowArbitrary, { selector: (row) => row.id, maxLength: 12 }),
        async (rows) => {
          await store(rows)
          const device = new TableDigester(columns)
          for (const row of rows.toSorted(inDigestOrder)) device.add(row)
          expect(await digests()).toEqual(await device.finish())
        },
      ),
      { numRuns: 60 },
    )
  })

  it('tells apart rows whose values only look alike', async () => {
    const id = 'aa000000-0000-4000-8000-000000000001'
    const alike = [
      { id, note: null, payee: '' },
      { id, note: '', payee: null },
      { id, note: 'a;payee=1:b', payee: null },
      { id, note: 'a', payee: 'b' },
      { id, note: '1', revision: null },
      { id, note: null, revision: 1 },
    ]
    const seen = new Set<string | undefined>()
    for (const row of alike) {
      await store([row])
      seen.add((await digests())[0]?.digest)
    }
    expect(seen.size).toBe(alike.length)
  })

  it('is the same for a column that is null and one that is not known', async () => {
    await store([{ id: randomUUID(), payee: 'x', revision: 3, note: null }])
    expect(await digests()).toEqual(await digests(['id', 'payee', 'revision']))
  })
})
