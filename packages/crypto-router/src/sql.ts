/** What SQLite gives back for a cell of the router's queries. */
export type SqlValue = null | string | number | bigint

/** The part of a PowerSync transaction that the router uses. */
export interface SqlTransaction {
  execute(sql: string, parameters?: SqlValue[]): Promise<unknown>
  executeRaw(sql: string, parameters?: SqlValue[]): Promise<{ readonly rawRows: unknown[][] }>
}

/** Rows as arrays: no object a row, and columns may share a name. */
export async function selectRows(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  sql: string,
  parameters: SqlValue[] = [],
): Promise<SqlValue[][]> {
  return (await tx.executeRaw(sql, parameters)).rawRows as SqlValue[][]
}

export async function selectCount(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  sql: string,
  parameters: SqlValue[] = [],
): Promise<number> {
  const [row] = await selectRows(tx, sql, parameters)
  return Number(row?.[0] ?? 0)
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A string literal, for trigger bodies, which take no parameters. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
