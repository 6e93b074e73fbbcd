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
        accepted = max(accepted, excluded.accepted), extra = excluded.extra,
        accepted_seal = iif(excluded.accepted > 0, NULL, ${acceptedSealOf('router_seen')}),
        gone = iif(excluded.accepted > 0, NULL, gone)`,
    [table, JSON.stringify(rows)],
  )
}

/**
 * SQL of the seal that came with the accepted revision. It is kept apart only once another has taken
 * its place, so that a row that just arrives is written with one.
 */
export function acceptedSealOf(seen: string): string {
  const isLast = `${seen}.seal IS NOT NULL AND ${seen}.revision = ${seen}.accepted`
  return `iif(${isLast}, ${seen}.seal, ${seen}.accepted_seal)`
}

/**
 * Deleted rows keep their revisions, so that an old version cannot come back. A delete counts as
 * one, as on the server: the row may be written again only with a greater one.
 * @param by `server`: it does not have the row either, so that no version up to this may return.
 */
export async function rememberDeleted(
  tx: SqlTransaction,
  table: string,
  ids: readonly string[],
  by: 'device' | 'server',
): Promise<void> {
  if (ids.length === 0) return
  // What the server deleted is what it had: a revision that it never took is not among that.
  const confirmed = 'iif(accepted > 0, max(accepted + 1, coalesce(gone, 0)), gone)'
  await tx.execute(
    `UPDATE router_seen SET accepted_seal = ${acceptedSealOf('router_seen')}, seal = NULL,
      extra = NULL, revision = revision + (seal IS NOT NULL),
      gone = ${by === 'server' ? confirmed : 'gone'}
      WHERE tbl = ? AND id IN (SELECT value FROM json_each(?))`,
    [table, JSON.stringify(ids)],
  )
}

/** More than people can make of a row between two syncs, and nothing beside all that there are. */
const mostUnseenRevisions = 1_000_000

/**
 * Has the next seal of a row count on from at least `revision`: the server takes a row that was
 * deleted elsewhere again only with a greater revision than its delete. It is the server's word:
 * one that is too far from what is known counts for nothing, or it could use up all revisions.
 */
export async function continueRevision(
  tx: Pick<SqlTransaction, 'execute'>,
  table: string,
  rowId: string,
  revision: number,
): Promise<void> {
  await tx.execute(
    `INSERT INTO router_seen(tbl, id, seal, revision, accepted)
      SELECT ?, ?, NULL, ?, 0
      WHERE ? <= ${mostUnseenRevisions} + coalesce((SELECT max(revision, accepted)
        FROM router_seen WHERE tbl = ? AND id = ?), 0)
      ON CONFLICT(tbl, id) DO UPDATE SET revision = max(revision, excluded.revision)`,
    [table, rowId, revision, revision, table, rowId],
  )
}
