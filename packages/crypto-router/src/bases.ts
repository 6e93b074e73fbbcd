import type { SqlTransaction } from './sql.ts'

/** The base of a change that an older version of the app noted: a row without any value. */
export const unknownBase = '{}'
/** The base of a change that brings back a row of which the person knows that it was deleted. */
export const deletedBase = 'null'

/** What a sealed change was made on. */
export interface SealedBase {
  readonly id: string
  /** Of the twin that the change replaced; empty where it had none. */
  readonly seal: string
  /** JSON text of the plaintext row. */
  readonly document: string
}

/** After the twins were written, so that the newest entry of the queue is one of theirs. */
export async function rememberBases(
  tx: SqlTransaction,
  table: string,
  bases: readonly SealedBase[],
): Promise<void> {
  if (bases.length === 0) return
  const rows = bases.map(({ id, seal, document }) => [id, seal, document])
  await tx.execute(
    `INSERT INTO router_bases(tbl, id, seal, base, entry_id)
      SELECT ?, value ->> 0, value ->> 1, value ->> 2, (SELECT coalesce(max(id), 0) FROM ps_crud)
      FROM json_each(?) WHERE true
      ON CONFLICT(tbl, id, seal) DO UPDATE SET base = excluded.base, entry_id = excluded.entry_id`,
    [table, JSON.stringify(rows)],
  )
}

/** Of entries that have left the queue: the server has them, or their base was taken from here. */
export async function forgetUploadedBases(tx: SqlTransaction): Promise<void> {
  await tx.execute(
    'DELETE FROM router_bases WHERE entry_id < (SELECT coalesce(min(id), 9e18) FROM ps_crud)',
  )
}

/**
 * JSON text of the plaintext row that a change in the upload queue was made on; null where it was
 * made on none.
 * @param baseSeal seal of that row's twin.
 */
export async function findBase(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  table: string,
  id: string,
  baseSeal: string | null,
): Promise<string | null> {
  const { rawRows } = await tx.executeRaw(
    'SELECT base FROM router_bases WHERE tbl = ? AND id = ? AND seal = ?',
    [table, id, baseSeal ?? ''],
  )
  const base = (rawRows[0] as string[] | undefined)?.[0]
  if (base !== undefined) return base
  return baseSeal === null ? null : unknownBase
}
