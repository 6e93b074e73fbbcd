import type pg from 'pg'
import { builtInTypes, type ValueType } from './values.ts'

/** A column of a replicated table. */
export interface SourceColumn {
  readonly name: string
  readonly type: ValueType
  /** Only such a value can be stored out of line, and then be left out of an update. */
  readonly isVariableLength: boolean
}

/** A table that is both published and named by the sync rules. */
export interface PublishedTable {
  readonly relationId: number
  /** Another one when the table has left the publication and come back meanwhile. */
  readonly membership: string
  readonly schema: string
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly typeOid: number }[]
  /** Columns that identify a row in the log: primary key, index of the identity, or all. */
  readonly keyColumns: readonly string[]
  /** The publication's row filter, an SQL expression. */
  readonly rowFilter: string | null
}

interface PublishedRow {
  relation_id: string
  membership: string
  schema: string
  name: string
  identity: string
  row_filter: string | null
  columns: { name: string; typeOid: string }[]
  primary_key: string[] | null
  identity_key: string[] | null
}

const publishedTablesSql = `
  SELECT c.oid::text AS relation_id, t.schemaname AS schema, t.tablename AS name,
         -- The publication, and its entry for the table, the table's root, or its schema.
         concat_ws('/', p.oid,
           (SELECT min(r.oid) FROM pg_publication_rel r
             WHERE r.prpubid = p.oid
               AND r.prrelid IN (SELECT c.oid UNION SELECT relid FROM pg_partition_ancestors(c.oid))),
           (SELECT min(s.oid) FROM pg_publication_namespace s
             WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid)) AS membership,
         c.relreplident AS identity, t.rowfilter AS row_filter,
         (SELECT json_agg(json_build_object('name', a.attname, 'typeOid', a.atttypid::text)
                          ORDER BY a.attnum)
            FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attname = ANY (t.attnames)) AS columns,
         (SELECT json_agg(a.attname ORDER BY a.attnum)
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
           WHERE i.indrelid = c.oid AND i.indisprimary) AS primary_key,
         (SELECT json_agg(a.attname ORDER BY a.attnum)
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
           WHERE i.indrelid = c.oid AND i.indisreplident) AS identity_key
    FROM pg_publication_tables t
    JOIN pg_publication p ON p.pubname = t.pubname
    JOIN pg_namespace n ON n.nspname = t.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
   WHERE t.pubname = $1
   ORDER BY t.schemaname, t.tablename`

/** The publication's tables with what the log says about them. */
export async function readPublishedTables(
  client: pg.ClientBase,
  publication: string,
): Promise<PublishedTable[]> {
  const { rows } = await client.query<PublishedRow>(publishedTablesSql, [publication])
  return rows.map((row) => ({
    relationId: Number(row.relation_id),
    membership: row.membership,
    schema: row.schema,
    name: row.name,
    columns: row.columns.map(({ name, typeOid }) => ({ name, typeOid: Number(typeOid) })),
    keyColumns: keyColumns(row),
    rowFilter: row.row_filter,
  }))
}

function keyColumns(row: PublishedRow): string[] {
  const primary = row.primary_key ?? []
  switch (row.identity) {
    case 'i':
      return row.identity_key ?? []
    case 'f':
      return primary.length > 0 ? primary : row.columns.map((column) => column.name)
    default:
      return primary
  }
}

interface TypeRow {
  oid: string
  kind: string
  base: string
  element: string
  category: string
  delimiter: string
  length: number
}

/** Turns columns with type oids into columns that can be decoded, domains and arrays included. */
export async function resolveColumns(
  client: pg.ClientBase,
  columns: readonly { readonly name: string; readonly typeOid: number }[],
): Promise<SourceColumn[]> {
  const types = await readTypes(client, [...new Set(columns.map((column) => column.typeOid))])
  return columns.map(({ name, typeOid }) => ({
    name,
    type: valueType(typeOid, types),
    isVariableLength: (types.get(typeOid)?.length ?? -1) < 0,
  }))
}

async function readTypes(client: pg.ClientBase, oids: number[]): Promise<Map<number, TypeRow>> {
  const types = new Map<number, TypeRow>()
  let wanted = oids
  while (wanted.length > 0) {
    const { rows } = await client.query<TypeRow>(
      `SELECT t.oid::text AS oid, t.typtype AS kind, t.typbasetype::text AS base,
              t.typelem::text AS element, t.typcategory AS category, t.typlen AS length,
              coalesce((SELECT e.typdelim FROM pg_type e WHERE e.oid = t.typelem), ',') AS delimiter
         FROM pg_type t WHERE t.oid = ANY ($1::oid[])`,
      [wanted],
    )
    for (const row of rows) types.set(Number(row.oid), row)
    wanted = rows
      .flatMap((row) => [Number(row.base), Number(row.element)])
      .filter((oid) => oid !== 0 && !types.has(oid))
  }
  return types
}

/** Types that people make are numbered from here (transam.h). */
const firstOwnOid = 16_384

function valueType(oid: number, types: ReadonlyMap<number, TypeRow>): ValueType {
  const builtIn = builtInTypes.get(oid)
  if (builtIn) return builtIn
  const type = types.get(oid)
  // As the PowerSync Service, which knows the built-in types alone: an array of an enum stays as
  // Postgres writes it.
  if (!type || oid >= firstOwnOid) return 'text'
  if (type.kind === 'd') return valueType(Number(type.base), types)
  if (type.category === 'A' && type.element !== '0') {
    return { arrayOf: valueType(Number(type.element), types), delimiter: type.delimiter }
  }
  return 'text'
}
