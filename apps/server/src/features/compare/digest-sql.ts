/** A table and those of its columns that a digest covers. Never from a request: they go into SQL. */
export interface DigestedTable {
  readonly name: string
  readonly columns: readonly string[]
}

/**
 * Count and digest of every slice that has rows, as packages/schema's `digest.ts` defines it.
 * Parameters: workspace, first id, last id. One slice is put together at a time in Postgres, so
 * neither its rows nor their text pass through this process.
 */
export function sliceDigestsSql({ name, columns }: DigestedTable): string {
  const cells = columns.map(
    (column) =>
      `coalesce('${column}=' || octet_length(${column}::text) || ':' || ${column}::text || ';', '')`,
  )
  return `
    SELECT slice, count(*)::integer AS rows,
      encode(sha256(convert_to(string_agg(row_text, '' ORDER BY id), 'UTF8')), 'hex') AS digest
    FROM (
      SELECT id, left(id::text, 2) AS slice, '!' || ${cells.join(' || ')} AS row_text
      FROM ${name} WHERE workspace_id = $1 AND id BETWEEN $2 AND $3
    ) AS given
    GROUP BY slice ORDER BY slice`
}
