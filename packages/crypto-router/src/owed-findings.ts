import type { ArrivalVerdict } from './arrivals.ts'
import { localStore } from './layout.ts'
import type { OwedKind } from './owed.ts'
import { encodeLocalRow, type OpenedRow } from './rows.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, type SqlTransaction } from './sql.ts'

/** A row whose arrival is not followed. */
export interface OwedFinding {
  readonly id: string
  readonly verdict: Extract<ArrivalVerdict, { readonly kind: OwedKind }>
  /** What the server has, sound as it is; null where it has nothing. */
  readonly theirs: OpenedRow | null
}

/**
 * Keeps the row as it is here beside the server's, for the person to decide. A row of which this
 * device has nothing, neither shown nor kept, is nobody's loss. Found again, it stays what it was;
 * a decision about another version of the server's, not carried out yet, is asked for again.
 */
export async function recordOwed(
  tx: SqlTransaction,
  shape: RowShape,
  findings: readonly OwedFinding[],
  at: number,
): Promise<void> {
  if (findings.length === 0) return
  const rows = findings.map(({ id, verdict: { kind, owed }, theirs }) => [
    ...[id, kind, owed.ground, owed.seal, owed.revision],
    theirs === null ? null : encodeLocalRow(shape, theirs.values),
    ...[theirs?.revision ?? null, theirs?.authorId ?? null],
  ])
  const mine = `iif(j.value ->> 1 = 'returned', NULL, coalesce(l.data, w.mine))`
  await tx.execute(
    `INSERT INTO router_owed(tbl, id, state, ground, seal, revision, theirs, theirs_revision,
        author_id, mine, workspace_id, at)
      SELECT ?, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4,
        j.value ->> 5, j.value ->> 6, j.value ->> 7, ${mine},
        coalesce(json_extract(l.data, '$.workspace_id'), json_extract(w.mine, '$.workspace_id'),
          json_extract(j.value ->> 5, '$.workspace_id')), ?
      FROM json_each(?) AS j
      LEFT JOIN ${quoteName(localStore(shape))} AS l ON l.id = j.value ->> 0
      LEFT JOIN router_owed AS w ON w.tbl = ? AND w.id = j.value ->> 0
      WHERE j.value ->> 1 = 'returned' OR ${mine} IS NOT NULL
      ON CONFLICT(tbl, id) DO UPDATE SET
        at = iif(state = excluded.state AND settled_at IS NULL, at, excluded.at),
        choice = iif(state = excluded.state AND settled_at IS NULL AND theirs IS excluded.theirs,
          choice, NULL),
        state = excluded.state, ground = excluded.ground, seal = excluded.seal,
        revision = excluded.revision, theirs = excluded.theirs,
        theirs_revision = excluded.theirs_revision, author_id = excluded.author_id,
        mine = excluded.mine, workspace_id = excluded.workspace_id, settled_at = NULL`,
    [shape.table, at, JSON.stringify(rows), shape.table],
  )
}
