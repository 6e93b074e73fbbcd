import type { Queryable } from '../../plugins/database.ts'
import type { Operation } from './check.ts'
import { revisionKey, rowKey, type Loaded, type Role, type Tombstone, type Write } from './state.ts'
import type { Row, TwinTable } from './tables.ts'

/**
 * Reads all that a batch needs, in a handful of statements whatever its size, and locks the
 * person's writable workspaces: from here to the commit nobody else uploads to them, so what was
 * read stays true.
 */
export async function loadForBatch(
  client: Queryable,
  userId: string,
  operations: readonly Operation[],
): Promise<Loaded> {
  const memberships = await client.query<{ workspace_id: string; role: Role }>({
    name: 'upload-memberships',
    text: 'SELECT workspace_id, role FROM workspace_memberships WHERE user_id = $1',
    values: [userId],
  })
  const roles = new Map(memberships.rows.map((row) => [row.workspace_id, row.role]))
  const writable = [...roles].filter(([, role]) => role !== 'viewer').map(([id]) => id)
  const locked = await client.query<{ id: string; row_count: string; key_versions: number[] }>({
    name: 'upload-lock',
    text: lockSql,
    values: [writable],
  })
  const rows = await loadRows(client, operations)
  return {
    roles,
    rowCounts: new Map(locked.rows.map(({ id, row_count }) => [id, Number(row_count)])),
    keyVersions: new Map(locked.rows.map((row) => [row.id, new Set(row.key_versions)])),
    rows,
    tombstones: await loadTombstones(client, operations, rows),
    supersededSeals: await loadSuperseded(client, operations, rows),
  }
}

/** Applies changes of one kind to distinct rows of one table. */
export async function applyWrites(client: Queryable, writes: readonly Write[]): Promise<void> {
  const first = writes[0]
  if (first === undefined) return
  const { kind, table } = first
  const rows = JSON.stringify(writes.map((write) => write.row))
  await client.query({
    name: `upload-${kind}-${table.name}`,
    text: writeSql[kind](table),
    values: [rows],
  })
  const updates = writes.filter((write) => write.kind === 'update')
  if (updates.length > 0) {
    const replaced = JSON.stringify(updates.map((write) => write.replaced))
    const values = [table.name, replaced]
    await client.query({ name: 'upload-supersede', text: supersedeSql, values })
  }
  const deletes = writes.filter((write) => write.kind === 'delete')
  if (deletes.length > 0) {
    const buried = deletes.map(({ row, tombstoneRevision }) => ({
      row_id: row.id,
      workspace_id: row.workspace_id,
      revision: tombstoneRevision,
    }))
    const values = [table.name, JSON.stringify(buried)]
    await client.query({ name: 'upload-bury', text: burySql, values })
  }
}

export async function storeRowCounts(
  client: Queryable,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [workspaceId, count] of after) {
    if (before.get(workspaceId) === count) continue
    await client.query({
      name: 'upload-row-count',
      text: 'UPDATE workspaces SET row_count = $2 WHERE id = $1',
      values: [workspaceId, count],
    })
  }
}

async function loadRows(
  client: Queryable,
  operations: readonly Operation[],
): Promise<Map<string, Row>> {
  const loaded = new Map<string, Row>()
  for (const table of new Set(operations.map((operation) => operation.table))) {
    const ids = operations.filter((operation) => operation.table === table).map(({ id }) => id)
    const { rows } = await client.query<{ row: Row }>({
      name: `upload-rows-${table.name}`,
      text: `SELECT row_to_json(t) AS row
        FROM (SELECT ${table.columns.join(', ')} FROM ${table.name} WHERE id = ANY ($1)) t`,
      values: [ids],
    })
    for (const { row } of rows) loaded.set(rowKey(table.name, row.id), row)
  }
  return loaded
}

async function loadTombstones(
  client: Queryable,
  operations: readonly Operation[],
  rows: ReadonlyMap<string, Row>,
): Promise<Map<string, Tombstone>> {
  const absent = operations.filter(({ table, id }) => !rows.has(rowKey(table.name, id)))
  if (absent.length === 0) return new Map()
  const found = await client.query<{
    table_name: string
    row_id: string
    workspace_id: string
    revision: string
  }>({
    name: 'upload-tombstones',
    text: `SELECT table_name, row_id, workspace_id, revision FROM deleted_rows
      WHERE row_id = ANY ($1) AND table_name = ANY ($2)`,
    values: [absent.map(({ id }) => id), [...new Set(absent.map(({ table }) => table.name))]],
  })
  return new Map(
    found.rows.map((row) => [
      rowKey(row.table_name, row.row_id),
      { workspaceId: row.workspace_id, revision: Number(row.revision) },
    ]),
  )
}

/** Only operations older than the stored row can have been replaced. */
async function loadSuperseded(
  client: Queryable,
  operations: readonly Operation[],
  rows: ReadonlyMap<string, Row>,
): Promise<Map<string, string>> {
  const older = operations.filter((operation) => {
    const stored = rows.get(rowKey(operation.table.name, operation.id))
    const revision = givenRevision(operation)
    return stored !== undefined && revision !== undefined && revision < stored.revision
  })
  if (older.length === 0) return new Map()
  const found = await client.query<{
    table_name: string
    row_id: string
    revision: string
    seal: string
  }>({
    name: 'upload-superseded',
    text: `SELECT table_name, row_id, revision, seal FROM superseded_revisions
      WHERE row_id = ANY ($1) AND table_name = ANY ($2) AND revision = ANY ($3)`,
    values: [
      older.map(({ id }) => id),
      [...new Set(older.map(({ table }) => table.name))],
      [...new Set(older.map(givenRevision))],
    ],
  })
  return new Map(
    found.rows.map((row) => [
      revisionKey(row.table_name, row.row_id, Number(row.revision)),
      row.seal,
    ]),
  )
}

function givenRevision(operation: Operation): number | undefined {
  switch (operation.kind) {
    case 'put':
      return operation.row.revision
    case 'patch':
      return operation.changes.revision
    case 'delete':
      return undefined
  }
}

const lockSql = `
  SELECT w.id, w.row_count, ARRAY(
    SELECT DISTINCT k.key_version FROM workspace_data_keys k WHERE k.workspace_id = w.id
  ) AS key_versions
  FROM workspaces w WHERE w.id = ANY ($1) ORDER BY w.id FOR NO KEY UPDATE OF w`

/** Table and column names come from packages/schema, never from a request. */
const writeSql = {
  insert: (table: TwinTable) => `
    INSERT INTO ${table.name} (${table.columns.join(', ')})
    SELECT ${table.columns.join(', ')} FROM json_populate_recordset(NULL::${table.name}, $1)`,
  update: (table: TwinTable) => `
    UPDATE ${table.name} AS stored
    SET ${changeable(table).join(', ')}
    FROM json_populate_recordset(NULL::${table.name}, $1) AS given
    WHERE stored.id = given.id`,
  delete: (table: TwinTable) => `
    DELETE FROM ${table.name} AS stored
    USING json_populate_recordset(NULL::${table.name}, $1) AS given
    WHERE stored.id = given.id`,
} as const

function changeable(table: TwinTable): string[] {
  const fixed = ['id', 'workspace_id']
  return table.columns
    .filter((column) => !fixed.includes(column))
    .map((column) => `${column} = given.${column}`)
}

const supersedeSql = `
  INSERT INTO superseded_revisions (table_name, row_id, workspace_id, revision, seal)
  SELECT $1, id, workspace_id, revision, seal
  FROM json_to_recordset($2) AS r (id uuid, workspace_id uuid, revision bigint, seal text)
  ON CONFLICT DO NOTHING`

/** A deleted row needs no history: every replay on it is a conflict. */
const burySql = `
  WITH buried AS (
    INSERT INTO deleted_rows (table_name, row_id, workspace_id, revision)
    SELECT $1::text, row_id, workspace_id, revision
    FROM json_to_recordset($2) AS r (row_id uuid, workspace_id uuid, revision bigint)
    ON CONFLICT (table_name, row_id) DO UPDATE SET
      workspace_id = excluded.workspace_id, revision = excluded.revision, deleted_at = now()
    RETURNING row_id
  )
  DELETE FROM superseded_revisions WHERE table_name = $1::text
    AND row_id IN (SELECT row_id FROM buried)`
