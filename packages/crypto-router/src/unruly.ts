import type { EntityTable } from '@sealbook/schema'
import type { LocalValues } from './rows.ts'
import type { SqlTransaction } from './sql.ts'

/** The columns by which a row breaks the app's rules; none where it keeps them. A pure function. */
export type CheckRow = (table: EntityTable, values: LocalValues) => readonly string[]

/** A row that opens soundly, and breaks a rule. It is shown, changed and sent like any other. */
export interface UnrulyRow {
  readonly id: string
  readonly workspaceId: string
  readonly columns: readonly string[]
}

/** Undefined where the row keeps the rules, or where there are none. */
export function judgeRow(
  checkRow: CheckRow | undefined,
  table: EntityTable,
  id: string,
  values: LocalValues,
): UnrulyRow | undefined {
  const columns = checkRow?.(table, values) ?? []
  if (columns.length === 0) return undefined
  return { id, workspaceId: String(values['workspace_id']), columns }
}

export async function recordUnruly(
  tx: SqlTransaction,
  table: string,
  rows: readonly UnrulyRow[],
  seenAt: number,
): Promise<void> {
  if (rows.length === 0) return
  const records = rows.map(({ id, workspaceId, columns }) => [id, workspaceId, columns.join(' ')])
  await tx.execute(
    `INSERT INTO router_unruly(tbl, id, workspace_id, columns, seen_at)
      SELECT ?, value ->> 0, value ->> 1, value ->> 2, ? FROM json_each(?) WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET columns = excluded.columns, seen_at = excluded.seen_at`,
    [table, seenAt, JSON.stringify(records)],
  )
}

/** The rows were looked at again, or are gone. Costs nothing while no row is noted. */
export async function clearUnruly(
  tx: SqlTransaction,
  table: string,
  ids: readonly string[],
): Promise<void> {
  // By the unary plus the ids are only made a list of once a noted row is compared with them.
  await tx.execute(
    `DELETE FROM router_unruly WHERE tbl = ? AND +id IN (SELECT value FROM json_each(?))`,
    [table, JSON.stringify(ids)],
  )
}
