import type { SqlTransaction } from './sql.ts'

/** What the router remembers of a twin. See `install.ts` for the columns. */
export interface Seen {
  readonly id: string
  /** Null once the row is deleted. */
  readonly seal: string | null
  readonly revision: number
  /** Highest revision accepted from the server; left as it is where null. */
  readonly accepted: number | null
  /** JSON text. */
  readonly extra: string | null
}

export async function rememberSeen(
  tx: SqlTransaction,
  table: string,
  seen: readonly Seen[],
): Promise<void> {
  if (seen.length === 0) return
  const rows = seen.map((s) => [s.id, s.seal, s.revision, s.accepted, s.extra])
  await tx.execute(
    `INSERT INTO router_seen(tbl, id, seal, revision, accepted, extra)
      SELECT ?, value ->> 0, value ->> 1, value ->> 2, coalesce(value ->> 3, 0), value ->> 4
      FROM json_each(?) WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET seal = excluded.seal, revision = excluded.revision,
        accepted = max(accepted, excluded.accepted), extra = excluded.extra`,
    [table, JSON.stringify(rows)],
  )
}

/**
 * Deleted rows keep their revisions, so that an old version cannot come back. A delete counts as
 * one, as on the server: the row may be written again only with a greater one.
 */
export async function rememberDeleted(
  tx: SqlTransaction,
  table: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(
    `UPDATE router_seen SET seal = NULL, extra = NULL,
      revision = revision + (seal IS NOT NULL)
      WHERE tbl = ? AND id IN (SELECT value FROM json_each(?))`,
    [table, JSON.stringify(ids)],
  )
}

/**
 * Has the next seal of a row count on from at least `revision`: the server takes a row that was
 * deleted elsewhere again only with a greater revision than its delete.
 */
export async function continueRevision(
  tx: Pick<SqlTransaction, 'execute'>,
  table: string,
  rowId: string,
  revision: number,
): Promise<void> {
  await tx.execute(
    `INSERT INTO router_seen(tbl, id, seal, revision, accepted) VALUES (?, ?, NULL, ?, 0)
      ON CONFLICT(tbl, id) DO UPDATE SET revision = max(revision, excluded.revision)`,
    [table, rowId, revision],
  )
}
