import {
  entities,
  entityOf,
  sealedColumnNames,
  type Column,
  type Entity,
  type EntityTable,
} from '@sealbook/schema'
import { amountMarker, textMarker, type Marker } from '@sealbook/testing/browser'

/** A sealed column that no screen lets a person type into, and what is written there by SQL. */
export interface UnscreenedColumn {
  readonly name: string
  readonly marker: Marker
  /** SQL literal. */
  readonly value: string
}

/** Markers for every sealed column that is not among the typed ones, `table.column`. */
export function unscreenedColumns(
  entity: Entity,
  typed: Readonly<Record<string, Marker>>,
): UnscreenedColumn[] {
  return sealedColumnNames(entity)
    .filter((column) => !(`${entity.table}.${column}` in typed))
    .map((column) => {
      const name = `${entity.table}.${column}`
      const number = numberOf(name)
      const type = entity.columns[column]?.type
      if (type === 'integer')
        return { name, marker: amountMarker(name, `${number}`, number), value: `${number}` }
      if (type === 'decimal')
        return { name, marker: textMarker(name, `1.${number}`), value: `'1.${number}'` }
      // At most 30 bytes: it has the shortest envelope, which every column has room for.
      const text = `Q${column.replaceAll('_', '')}${number % 1_000_000n}`
      return { name, marker: textMarker(name, text), value: `'${text}'` }
    })
}

/** One statement that writes them: into the rows that are there, or with a row of their own. */
export function writeUnscreened(
  entity: Entity,
  columns: readonly UnscreenedColumn[],
  hasScreen: boolean,
): string {
  const byName = new Map(columns.map((column) => [column.name, column.value]))
  if (hasScreen) {
    const sets = columns.map(({ name, value }) => `${name.slice(name.indexOf('.') + 1)} = ${value}`)
    return `UPDATE ${entity.table} SET ${sets.join(', ')}`
  }
  const cells = Object.entries(entity.columns).map(([name, column]) => [
    name,
    byName.get(`${entity.table}.${name}`) ?? visibleValue(column),
  ])
  return `INSERT INTO ${entity.table}(id, workspace_id, created_at, updated_at,
      ${cells.map(([name]) => name).join(', ')})
    SELECT '${rowIdOf(entity)}', id, created_at, updated_at, ${cells.map(([, value]) => value).join(', ')}
    FROM workspace_settings`
}

/** Digits that nothing else has, from the place in the list of all sealed columns. */
function numberOf(name: string): bigint {
  const all = entities.flatMap((entity) =>
    sealedColumnNames(entity).map((column) => `${entity.table}.${column}`),
  )
  return 913_570_000_000_000n + BigInt(all.indexOf(name) + 1) * 7_919_113n
}

function rowIdOf({ table }: Pick<Entity, 'table'>): string {
  const place = entities.findIndex((entity) => entity.table === table)
  return `0b11d000-0000-4000-8000-${String(place).padStart(12, '0')}`
}

/** SQL of something that the server takes. */
function visibleValue(column: Column): string {
  if (column.nullable) return 'NULL'
  switch (column.type) {
    case 'id': {
      const parent = entityOf(column.references as EntityTable)
      return `(SELECT id FROM ${parent.table} LIMIT 1)`
    }
    case 'date':
      return `'2026-02-28'`
    case 'month':
      return `'2026-02'`
    case 'currency':
      return `'EUR'`
    case 'choice':
      return `'${column.choices[0] ?? ''}'`
    case 'integer':
    case 'instant':
      return '0'
    case 'text':
    case 'decimal':
      throw new Error('a sealed column without a marker')
  }
}
