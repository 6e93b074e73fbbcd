/** A table and those of its columns that a digest covers. Never from a request: they go into SQL. */
export interface DigestedTable {
  readonly name: string
  readonly columns: readonly string[]
}

/** The slice of a row: its id's last two hex digits, in the order that JavaScript gives them. */
export const sliceSql = `right(id::text, 2) COLLATE "C"`

/**
 * Count and digest of every slice that has rows, as packages/schema's `digest.ts` defines it.
 * Parameters: workspace, first slice, last slice. One slice is put together at a time in Postgres, so
 * neither its rows nor their text pass through this process.
 */
export function sliceDigestsSql({ name, columns }: DigestedTable): string {
  const cells = columns.map(
    (column) =>
      `coalesce('${column}=' || octet_length(${column}::text) || ':' || ${column}::text || ';', '')`,
  )
  const text = [`'!'`, ...cells].join(' || ')
  return `
    SELECT slice, count(*)::integer AS rows,
      encode(sha256(convert_to(string_agg(row_text, '' ORDER BY id), 'UTF8')), 'hex') AS digest
    FROM (
      SELECT id, ${sliceSql} AS slice, ${text} AS row_text
      FROM ${name} WHERE workspace_id = $1 AND ${sliceSql} BETWEEN $2 AND $3
    ) AS given
    GROUP BY slice ORDER BY slice`
}
