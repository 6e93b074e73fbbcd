import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { isEntityTable, type EntityTable } from '@sealbook/schema'
import { parseDocument } from './local-document.ts'
import type { LocalValues } from './rows.ts'
import { selectCount, selectRows, type SqlTransaction, type SqlValue } from './sql.ts'

/** `both`: one value that has the two, where `joinValues` knows one. */
export type Choice = 'mine' | 'theirs' | 'both'

/** Two versions of a row that could not be merged, or of some of its fields. */
export interface RowConflict {
  readonly conflictId: number
  readonly table: EntityTable
  readonly id: string
  readonly workspaceId: string | null
  /** What both were made from; null where there was no row, or it is not known. */
  readonly base: LocalValues | null
  /** The person's version; null where the row was deleted here. */
  readonly mine: LocalValues | null
  /** The version from elsewhere, which the table has shown since; null where it was deleted. */
  readonly theirs: LocalValues | null
  /** Who made `theirs`; null where that is not known. */
  readonly authorId: string | null
  /** Columns of each field in which they clash. Empty where one side deleted the row: all of it. */
  readonly fields: readonly (readonly string[])[]
  /** When this device found it, in milliseconds since 1970. */
  readonly at: number
  /** What the person decided; null while they have not. */
  readonly decision: { readonly choice: Choice; readonly at: number } | null
}

/** Newest first; those without a decision. */
export async function readConflicts(db: AbstractPowerSyncDatabase): Promise<RowConflict[]> {
  return selectConflicts(db, 'settled_at IS NULL ORDER BY seq DESC')
}

/** Those that were decided within the last weeks and can be undone, the latest decision first. */
export async function readDecisions(db: AbstractPowerSyncDatabase): Promise<RowConflict[]> {
  return selectConflicts(db, 'settled_at IS NOT NULL ORDER BY settled_at DESC, seq DESC')
}

export async function countConflicts(db: Pick<SqlTransaction, 'executeRaw'>): Promise<number> {
  return selectCount(db, 'SELECT count(*) FROM router_conflicts WHERE settled_at IS NULL')
}

/** Null when there is none with that id, or of a table that this version of the app lacks. */
export async function findConflict(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  conflictId: number,
): Promise<RowConflict | null> {
  const [conflict] = await selectConflicts(tx, 'seq = ?', [conflictId])
  return conflict ?? null
}

async function selectConflicts(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  where: string,
  parameters: SqlValue[] = [],
): Promise<RowConflict[]> {
  const rows = await selectRows(
    tx,
    `SELECT seq, tbl, id, workspace_id, base, mine, theirs, author_id, fields, at, choice, settled_at
      FROM router_conflicts WHERE ${where}`,
    parameters,
  )
  const conflicts: RowConflict[] = []
  for (const row of rows) {
    const [seq, tbl, id, workspaceId, base, mine, theirs, authorId, ...rest] = row
    const [fields, at, choice, settledAt] = rest
    const table = String(tbl)
    if (!isEntityTable(table)) continue
    conflicts.push({
      conflictId: Number(seq),
      table,
      id: String(id),
      workspaceId: textOrNull(workspaceId),
      base: await parseDocument(tx, table, textOrNull(base)),
      mine: await parseDocument(tx, table, textOrNull(mine)),
      theirs: await parseDocument(tx, table, textOrNull(theirs)),
      authorId: textOrNull(authorId),
      fields: JSON.parse(textOrNull(fields) ?? '[]') as string[][],
      at: Number(at),
      decision:
        settledAt === null ? null : { choice: choice as Choice, at: Number(settledAt ?? 0) },
    })
  }
  return conflicts
}

/** Both versions of one row that was changed on both sides, and what they were made from. */
export interface Clash {
  readonly id: string
  readonly workspaceId: string | null
  readonly base: string | null
  readonly mine: string | null
  readonly theirs: string | null
  readonly authorId: string | null
  /** Columns of each field in which they clash; none where one side deleted the row. */
  readonly fields: readonly (readonly string[])[]
}

export async function recordClashes(
  tx: SqlTransaction,
  table: string,
  clashes: readonly Clash[],
  at: number,
): Promise<void> {
  if (clashes.length === 0) return
  const rows = clashes.map(({ id, workspaceId, base, mine, theirs, authorId, fields }) => [
    ...[id, workspaceId, base, mine, theirs, authorId],
    fields,
  ])
  await tx.execute(
    `INSERT INTO router_conflicts(tbl, id, workspace_id, base, mine, theirs, author_id, fields, at)
      SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
        value ->> 6, ?
      FROM json_each(?)`,
    [table, at, JSON.stringify(rows)],
  )
}

function textOrNull(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
