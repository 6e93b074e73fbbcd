import { entities, encryptTable, isEntityTable, twinColumnNames } from '@sealbook/schema'
import { digestColumns } from '@sealbook/schema/digest'
import type { Queryable } from '../../plugins/database.ts'
import { sliceDigestsSql, sliceSql, type DigestedTable } from './digest-sql.ts'
import { maxRowsPerAnswer } from './schemas.ts'

/** One twin, as it is compared. */
export interface ComparedTable {
  /** Name of the twin. */
  readonly name: string
  /** `id` first. */
  readonly columns: readonly string[]
  /** Columns in the order of a digest. */
  readonly digested: readonly string[]
}

export interface StoredRow {
  readonly id: string
  readonly [column: string]: unknown
}

const tables: ReadonlyMap<string, ComparedTable> = new Map(
  entities.map((entity) => [
    entity.table,
    {
      name: encryptTable(entity),
      columns: ['id', ...twinColumnNames(entity)],
      digested: digestColumns(entity),
    },
  ]),
)

export function comparedTable(table: string): ComparedTable | undefined {
  return isEntityTable(table) ? tables.get(table) : undefined
}

export async function isMember(
  pool: Queryable,
  userId: string,
  workspaceId: string,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    'SELECT 1 FROM workspace_memberships WHERE workspace_id = $1 AND user_id = $2',
    [workspaceId, userId],
  )
  return rowCount !== 0
}

/** @param known the columns that the device knows; others are as null, as they are there. */
export async function readDigests(
  pool: Queryable,
  workspaceId: string,
  table: ComparedTable,
  known: ReadonlySet<string>,
  { from, to }: { readonly from: string; readonly to: string },
) {
  const digested: DigestedTable = {
    name: table.name,
    columns: table.digested.filter((column) => known.has(column)),
  }
  const { rows } = await pool.query<{ slice: string; rows: number; digest: string }>(
    sliceDigestsSql(digested),
    [workspaceId, from, to],
  )
  return rows
}

export async function readRowsById(
  pool: Queryable,
  workspaceId: string,
  table: ComparedTable,
  ids: readonly string[],
): Promise<StoredRow[]> {
  return readRows(pool, `${selectRows(table)} AND id = ANY ($2)`, [workspaceId, ids])
}

/** One row more than an answer holds tells whether there is another page. */
export async function readSlice(
  pool: Queryable,
  workspaceId: string,
  table: ComparedTable,
  slice: string,
  after: string | undefined,
): Promise<{ readonly rows: StoredRow[]; readonly next: string | null }> {
  const rows = await readRows(
    pool,
    `${selectRows(table)} AND ${sliceSql} = $2 AND ($3::uuid IS NULL OR id > $3)
      ORDER BY id LIMIT ${maxRowsPerAnswer + 1}`,
    [workspaceId, slice, after ?? null],
  )
  const page = rows.slice(0, maxRowsPerAnswer)
  const last = page.at(-1)
  return { rows: page, next: rows.length > page.length && last !== undefined ? last.id : null }
}

/** At which revision rows were deleted, of those that were. */
export async function readTombstones(
  pool: Queryable,
  workspaceId: string,
  table: ComparedTable,
  ids: readonly string[],
): Promise<{ id: string; revision: number }[]> {
  const { rows } = await pool.query<{ id: string; revision: string }>(
    `SELECT row_id AS id, revision FROM deleted_rows
      WHERE workspace_id = $1 AND table_name = $2 AND row_id = ANY ($3)`,
    [workspaceId, table.name, ids],
  )
  return rows.map(({ id, revision }) => ({ id, revision: Number(revision) }))
}

async function readRows(
  pool: Queryable,
  sql: string,
  values: readonly unknown[],
): Promise<StoredRow[]> {
  const { rows } = await pool.query<{ row: StoredRow }>(
    `SELECT row_to_json(t) AS row FROM (${sql}) t`,
    [...values],
  )
  return rows.map(({ row }) => row)
}

/** Table and column names come from packages/schema, never from a request. */
function selectRows({ name, columns }: ComparedTable): string {
  return `SELECT ${columns.join(', ')} FROM ${name} WHERE workspace_id = $1`
}
