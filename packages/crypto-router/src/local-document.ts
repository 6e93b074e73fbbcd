import type { EntityTable } from '@sealbook/schema'
import { deletedBase } from './bases.ts'
import { localStore } from './layout.ts'
import { documentColumnList, readLocalValues } from './local-rows.ts'
import type { LocalValues } from './rows.ts'
import { shapeOf } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction, type SqlValue } from './sql.ts'

/** JSON text of a plaintext row as it is stored, or null. */
export async function readDocument(
  tx: SqlTransaction,
  table: EntityTable,
  id: string,
): Promise<string | null> {
  const store = quoteName(localStore(shapeOf(table)))
  const [row] = await selectRows(tx, `SELECT data FROM ${store} WHERE id = ?`, [id])
  return row === undefined ? null : String(row[0])
}

/** A document's values, exact to the last digit. */
export async function parseDocument(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  table: EntityTable,
  document: string | null,
): Promise<LocalValues | null> {
  if (document === null) return null
  const shape = shapeOf(table)
  const list = documentColumnList(shape, 'd.value')
  const [cells] = await selectRows(tx, `SELECT ${list} FROM (SELECT ? AS value) AS d`, [document])
  return readLocalValues(shape, cells ?? [], 0)
}

/**
 * Writes columns of a row through its view: a local change like any other. A row that is not there
 * is written whole, and brought back where it was deleted.
 */
export async function writeValues(
  tx: SqlTransaction,
  table: EntityTable,
  id: string,
  values: LocalValues,
): Promise<void> {
  const view = quoteName(table)
  const names = Object.keys(values)
  const cells = names.map((name) => bindable(values[name] ?? null))
  const [row] = await selectRows(tx, `SELECT 1 FROM ${view} WHERE id = ?`, [id])
  if (row !== undefined) {
    const sets = names.map((name) => `${quoteName(name)} = ?`).join(', ')
    await tx.execute(`UPDATE ${view} SET ${sets} WHERE id = ?`, [...cells, id])
    return
  }
  await tx.execute(
    `INSERT INTO ${view}(id, ${names.map(quoteName).join(', ')})
      VALUES (?, ${names.map(() => '?').join(', ')})`,
    [id, ...cells],
  )
  await tx.execute('UPDATE router_out SET base = ? WHERE tbl = ? AND id = ? AND base IS NULL', [
    deletedBase,
    table,
    id,
  ])
}

export async function deleteRow(tx: SqlTransaction, table: EntityTable, id: string): Promise<void> {
  await tx.execute(`DELETE FROM ${quoteName(table)} WHERE id = ?`, [id])
}

/** A number outside 32 bits would bind as a double. */
function bindable(value: LocalValues[string] | null): SqlValue {
  return typeof value === 'number' ? BigInt(value) : (value ?? null)
}
