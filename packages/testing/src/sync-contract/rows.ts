import type { AbstractPowerSyncDatabase } from '@powersync/node'
import type pg from 'pg'
import type { SyncedTable, ValueKind } from './tables.ts'

/** Reduced rows by `table/id`; values as comparable texts. */
export type Rows = ReadonlyMap<string, Readonly<Record<string, string | null>>>

type Row = Record<string, string | null>

/** What Postgres says the person may hold now, from one view of the database. */
export async function visibleRows(
  pool: pg.Pool,
  userId: string,
  tables: readonly SyncedTable[],
): Promise<Rows> {
  const selects = tables.map(({ name, columns, visible }) => {
    const fields = Object.entries(columns).map(
      ([column, kind]) => `'${column}', ${postgresText(column, kind)}`,
    )
    return `SELECT '${name}/' || id AS key, json_build_object('id', id::text, ${fields.join(', ')}) AS row
              FROM ${name} WHERE ${visible}`
  })
  const client = await pool.connect()
  try {
    await client.query(`SET TimeZone = 'UTC'`)
    const { rows } = await client.query<{ key: string; row: Row }>(selects.join(' UNION ALL '), [
      userId,
    ])
    return normalised(rows, tables)
  } finally {
    client.release()
  }
}

/** What the client holds now, from one statement and so from one view of its database. */
export async function heldRows(
  db: Pick<AbstractPowerSyncDatabase, 'getAll'>,
  tables: readonly SyncedTable[],
): Promise<Rows> {
  const selects = tables.map(({ name, columns }) => {
    const fields = Object.keys(columns).map((column) => `'${column}', CAST(${column} AS TEXT)`)
    return `SELECT '${name}/' || id AS key, json_object('id', id, ${fields.join(', ')}) AS row FROM ${name}`
  })
  const held = await db.getAll<{ key: string; row: string }>(selects.join(' UNION ALL '))
  return normalised(
    held.map(({ key, row }) => ({ key, row: JSON.parse(row) as Row })),
    tables,
  )
}

/** The first few keys that differ, with what either side says; empty when all is the same. */
export function difference(expected: Rows, held: Rows): string[] {
  const keys = new Set([...expected.keys(), ...held.keys()])
  const differing = [...keys].filter(
    (key) => JSON.stringify(expected.get(key)) !== JSON.stringify(held.get(key)),
  )
  return differing
    .slice(0, 5)
    .map(
      (key) => `${key}: Postgres ${describe(expected.get(key))}, client ${describe(held.get(key))}`,
    )
}

function describe(row: Rows extends ReadonlyMap<string, infer R> ? R | undefined : never): string {
  return row ? JSON.stringify(row).slice(0, 600) : 'has none'
}

function postgresText(column: string, kind: ValueKind): string {
  switch (kind) {
    case 'boolean':
      return `${column}::int::text`
    case 'json':
      return `to_json(${column})::text`
    case 'instant':
      return `replace(${column}::text, '+00', 'Z')`
    case 'text':
    case 'time':
    case 'integer':
    case 'real':
      return `${column}::text`
  }
}

function normalised(rows: readonly { key: string; row: Row }[], tables: readonly SyncedTable[]) {
  const byName = new Map(tables.map((table) => [table.name, table]))
  return new Map(
    rows.map(({ key, row }) => {
      const columns = byName.get(key.slice(0, key.indexOf('/')))?.columns ?? {}
      const values = Object.keys(columns).map((column) => [
        column,
        comparable(row[column] ?? null, columns[column] ?? 'text'),
      ])
      return [key, Object.fromEntries(values) as Row]
    }),
  )
}

function comparable(text: string | null, kind: ValueKind): string | null {
  if (text === null) return null
  switch (kind) {
    case 'real':
      return String(Number(text))
    case 'json':
      return canonicalJson(text) ?? text // and so differs
    case 'time':
    case 'instant': // an engine may print fewer or more zeros of the fraction
      return text.replace(/\.(\d*?)0*(?=Z|$)/, (_, digits: string) => (digits ? `.${digits}` : ''))
    case 'text':
    case 'integer':
    case 'boolean':
      return text
  }
}

/** Without white space and with sorted keys; numbers keep all their digits. Null: not JSON. */
function canonicalJson(text: string): string | null {
  const quotedNumbers = text.replace(
    /("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g,
    (_, quoted: string | undefined, number: string | undefined) => quoted ?? `"#${number}"`,
  )
  try {
    return JSON.stringify(JSON.parse(quotedNumbers), (_, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    )
  } catch {
    return null
  }
}
