import {
  encryptTable,
  entities,
  localColumns,
  twinColumnNames,
  type Entity,
  type EntityTable,
} from '@sealbook/schema'
import type { FieldType } from '@sealbook/crypto'

/** One column of a plaintext table, as the router handles it. */
export interface ShapeColumn {
  readonly name: string
  /** As the key of a JSON object's member: `"name":`. */
  readonly jsonKey: string
  /** Type of the envelope's content, or null for a visible column. */
  readonly sealedAs: FieldType | null
  /** Whether the plaintext table keeps it as an integer. */
  readonly isInteger: boolean
  /** A sealed column whose null is sealed like any value, so that the server does not see it. */
  readonly sealsNull: boolean
}

/** One entity as the router handles it: a plaintext table and its twin. */
export interface RowShape {
  readonly table: EntityTable
  /** Name of the twin's view, for instance `transactions_encrypt`. */
  readonly twin: string
  /** Parents before children. The next rank is that of rows with a parent in this same table. */
  readonly rank: number
  /** Visible column that refers to another row of this same table. */
  readonly parentColumn: string | null
  /** Columns that both tables have, `id` left out. */
  readonly columns: readonly ShapeColumn[]
  readonly columnNames: ReadonlySet<string>
  /** Columns of the twin, `id` left out: those of the plaintext table, then its own. */
  readonly twinNames: readonly string[]
  readonly sealedCount: number
  /** Visible column by which the newest rows are opened first. */
  readonly newestBy: string | null
}

const ranksPerTable = 2

/** Every entity's shape, parents first. */
export const shapes: readonly RowShape[] = entities.map((entity, place) => {
  const columns = Object.entries(localColumns(entity)).map(([name, column]) => ({
    name,
    jsonKey: `${JSON.stringify(name)}:`,
    sealedAs: column.visibility === 'sealed' ? column.type : null,
    isInteger: column.type === 'integer' || column.type === 'instant',
    sealsNull: column.visibility === 'sealed' && !column.nullable,
  }))
  return {
    table: entity.table,
    twin: encryptTable(entity),
    rank: place * ranksPerTable,
    parentColumn: parentColumnOf(entity),
    columns,
    columnNames: new Set(columns.map((column) => column.name)),
    twinNames: twinColumnNames(entity),
    sealedCount: columns.filter((column) => column.sealedAs !== null).length,
    newestBy: columns.some((column) => column.name === 'occurred_on') ? 'occurred_on' : null,
  }
})

function parentColumnOf(entity: Entity): string | null {
  const names = Object.entries(entity.columns)
    .filter(([, column]) => column.type === 'id' && column.references === entity.table)
    .map(([name]) => name)
  if (names.length > 1) throw new Error(`${entity.table} has more than one parent column`)
  return names[0] ?? null
}

/** @throws when no entity has that plaintext table. */
export function shapeOf(table: string): RowShape {
  const shape = shapes.find((candidate) => candidate.table === table)
  if (shape === undefined) throw new Error(`no entity has the table ${table}`)
  return shape
}

/** `values` by their shape, shapes in the order of `shapes`. */
export function groupByShape<T extends { readonly table: string }>(
  values: readonly T[],
): [RowShape, T[]][] {
  const byTable = new Map<string, T[]>()
  for (const value of values) {
    const group = byTable.get(value.table)
    if (group === undefined) byTable.set(value.table, [value])
    else group.push(value)
  }
  return shapes.flatMap((shape) => {
    const group = byTable.get(shape.table)
    return group === undefined ? [] : [[shape, group] as [RowShape, T[]]]
  })
}
