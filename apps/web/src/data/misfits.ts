import type { AbstractPowerSyncDatabase, LockContext } from '@powersync/common'
import type { Breach } from '@sealbook/ledger'
import { relatedBreaches } from './related-rows.ts'

const sourceTable = 'ps_data_local__transactions'

/**
 * `misfits(id, row, kinds, seen_at)`: transactions that are sound by themselves and do not fit what
 * belongs to them, as a faulty device may write them. `split_parts(row, whole_id)` has the whole of
 * every part, so that it is found again where the part has left it.
 */
export const misfitTables = [
  'DROP TABLE IF EXISTS misfits',
  `CREATE TABLE misfits (
    id TEXT PRIMARY KEY, row INTEGER NOT NULL, kinds TEXT NOT NULL, seen_at INTEGER NOT NULL)`,
  'CREATE INDEX misfits_row ON misfits (row)',
  'DROP TABLE IF EXISTS split_parts',
  'CREATE TABLE split_parts (row INTEGER PRIMARY KEY, whole_id TEXT NOT NULL)',
  'CREATE INDEX split_parts_whole ON split_parts (whole_id)',
]

/** `split`: the parts are not what the whole is. `rate`: the original amount is not the amount. */
export type MisfitKind = 'split' | 'rate'

export interface Misfit {
  readonly id: string
  readonly kinds: readonly MisfitKind[]
  /** Milliseconds since 1970. */
  readonly seenAt: number
}

/** A transaction that was written; `id` is null where it is gone. */
export interface ChangedTransaction {
  readonly row: number
  readonly id: string | null
  readonly parentId: string | null
  /** It has an original amount. */
  readonly isForeign: 0 | 1
}

/** Every misfit on the device. */
export async function readMisfits(
  reader: Pick<AbstractPowerSyncDatabase, 'getAll'>,
): Promise<Misfit[]> {
  const rows = await reader.getAll<{ id: string; kinds: string; seen_at: number }>(
    'SELECT id, kinds, seen_at FROM misfits ORDER BY seen_at DESC, id',
  )
  return rows.map(({ id, kinds, seen_at }) => {
    return { id, kinds: kinds.split(' ') as MisfitKind[], seenAt: seen_at }
  })
}

export async function countMisfits(
  reader: Pick<AbstractPowerSyncDatabase, 'get'>,
): Promise<number> {
  const { misfits } = await reader.get<{ misfits: number }>(
    'SELECT count(*) AS misfits FROM misfits',
  )
  return misfits
}

/** Checks changed transactions, and the wholes that they are, or were, a part of. */
export async function noteMisfits(
  tx: Pick<LockContext, 'execute' | 'getAll'>,
  changed: readonly ChangedTransaction[],
  nowMs: number,
): Promise<void> {
  const rows = JSON.stringify(changed.map(({ row }) => row))
  const known = await tx.getAll<{ id: string }>(
    `SELECT whole_id AS id FROM split_parts WHERE row IN (SELECT value FROM json_each(?))
      UNION SELECT whole_id FROM split_parts WHERE whole_id IN (SELECT value FROM json_each(?))
      UNION SELECT id FROM misfits WHERE row IN (SELECT value FROM json_each(?))`,
    [rows, JSON.stringify(changed.map(({ id }) => id)), rows],
  )
  const parts = changed.flatMap(({ row, parentId }) => (parentId === null ? [] : [[row, parentId]]))
  const foreign = changed.filter(({ isForeign }) => isForeign === 1)
  const asked = new Set([...known, ...foreign].map(({ id }) => id))
  for (const [, wholeId] of parts) asked.add(String(wholeId))
  if (asked.size === 0) return
  await tx.execute('DELETE FROM split_parts WHERE row IN (SELECT value FROM json_each(?))', [rows])
  await tx.execute(
    'INSERT INTO split_parts (row, whole_id) SELECT value ->> 0, value ->> 1 FROM json_each(?)',
    [JSON.stringify(parts)],
  )
  const ids = [...asked].filter((id) => id !== null)
  const partIds = await tx.getAll<{ id: string }>(
    `SELECT source.id FROM split_parts JOIN ${sourceTable} AS source ON source.rowid = split_parts.row
      WHERE whole_id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(ids)],
  )
  const breaches = await relatedBreaches(
    tx,
    ids,
    partIds.map(({ id }) => id),
  )
  const found = [...breaches].flatMap(([id, ofRow]) => {
    const kinds = new Set(ofRow.map(kindOf))
    return kinds.size === 0 ? [] : [[id, [...kinds].join(' ')]]
  })
  await tx.execute(
    `DELETE FROM misfits WHERE (id IN (SELECT value FROM json_each(?))
        OR row IN (SELECT value FROM json_each(?)))
      AND id NOT IN (SELECT value ->> 0 FROM json_each(?))`,
    [JSON.stringify(ids), rows, JSON.stringify(found)],
  )
  await tx.execute(
    `INSERT INTO misfits (id, row, kinds, seen_at)
      SELECT source.id, source.rowid, given.value ->> 1, ? FROM json_each(?) AS given
      JOIN ${sourceTable} AS source ON source.id = given.value ->> 0 WHERE true
      ON CONFLICT (id) DO UPDATE SET row = excluded.row, kinds = excluded.kinds`,
    [nowMs, JSON.stringify(found)],
  )
}

function kindOf({ kind }: Breach): MisfitKind {
  return kind === 'split-differs' ? 'split' : 'rate'
}
