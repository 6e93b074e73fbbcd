import type { LocalValue, LocalValues } from './rows.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, type SqlValue } from './sql.ts'

/** A view's columns; sealed integers as text, so that every digit arrives in JavaScript. */
export function localColumnList(shape: RowShape, alias: string): string {
  return shape.columns
    .map(({ name, sealedAs }) => {
      const column = `${alias}.${quoteName(name)}`
      return sealedAs === 'integer' ? `CAST(${column} AS TEXT)` : column
    })
    .join(', ')
}

/** The same of a row's JSON document, whatever it was written by. */
export function documentColumnList(shape: RowShape, document: string): string {
  return shape.columns
    .map(({ name, isInteger, sealedAs }) => {
      const cell = `json_extract(${document}, '$.${name}')`
      const shown = `CAST(${cell} AS ${isInteger ? 'INTEGER' : 'TEXT'})`
      return sealedAs === 'integer' ? `CAST(${shown} AS TEXT)` : shown
    })
    .join(', ')
}

/** The values that such a list selected, from cell `offset` on. */
export function readLocalValues(
  shape: RowShape,
  cells: readonly SqlValue[],
  offset: number,
): LocalValues {
  const values: Record<string, LocalValue> = {}
  shape.columns.forEach(({ name, sealedAs }, index) => {
    const cell = cells[offset + index] ?? null
    values[name] = sealedAs === 'integer' && cell !== null ? BigInt(cell) : cell
  })
  return values
}
