import type { TwinValues } from './rows.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, selectCount, type SqlTransaction } from './sql.ts'

/**
 * The only module that knows how PowerSync lays its tables out on disk: each view stands on a
 * table (id TEXT PRIMARY KEY, data TEXT), data being one JSON object. `layout.test.ts` fails when
 * a release changes that.
 */

/** Physical table under the plaintext (localOnly) view. */
export function localStore(shape: Pick<RowShape, 'table'>): string {
  return `ps_data_local__${shape.table}`
}

/** Physical table under the twin's view. */
export function twinStore(shape: Pick<RowShape, 'twin'>): string {
  return `ps_data__${shape.twin}`
}

/** Physical table under the view of a synced table that is no twin. */
export function syncedStore(table: string): string {
  return `ps_data__${table}`
}

/** SQL that is 1 while sync applies rows and 0 for everybody else's writes. */
export const inSyncOperation = 'powersync_in_sync_operation()'

/** Writes plaintext rows under the view. Parameter: JSON `[[id, data], ...]`. */
export function upsertLocalRows(shape: RowShape): string {
  return upsertInto(shape, 'SELECT value ->> 0, value -> 1 FROM json_each(?) WHERE true')
}

/** Rows of `upsertManyLocalRows`. */
export const manyRows = 500
const manyPairs = Array<string>(manyRows).fill('(?, ?)').join(', ')

/** The same for exactly `manyRows` rows, in half the time. Parameters: id and data of each. */
export function upsertManyLocalRows(shape: RowShape): string {
  return upsertInto(shape, `VALUES ${manyPairs}`)
}

function upsertInto(shape: RowShape, rows: string): string {
  return `INSERT INTO ${quoteName(localStore(shape))}(id, data) ${rows}
    ON CONFLICT(id) DO UPDATE SET data = excluded.data`
}

/** Gives plaintext rows what they have no value for. Parameter: JSON `[[id, data], ...]`. */
export function completeLocalRows(shape: RowShape): string {
  const store = quoteName(localStore(shape))
  const missing = `SELECT json_group_object(cell.key, cell.value) FROM json_each(given.value -> 1) AS cell
    WHERE json_extract(${store}.data, '$.' || cell.key) IS NULL`
  return `UPDATE ${store} SET data = json_patch(data, (${missing})) FROM json_each(?) AS given
    WHERE ${store}.id = given.value ->> 0`
}

/** Removes plaintext rows under the view. Parameter: JSON `[id, ...]`. */
export function deleteLocalRows(shape: RowShape): string {
  return `DELETE FROM ${quoteName(localStore(shape))}
    WHERE id IN (SELECT value FROM json_each(?))`
}

/** Stores a twin's row as sync would: not through the view, so that nothing is queued. */
export async function putTwin(
  tx: SqlTransaction,
  shape: RowShape,
  id: string,
  data: TwinValues,
): Promise<void> {
  await tx.execute(
    `INSERT INTO ${quoteName(twinStore(shape))}(id, data) VALUES (?, ?)
      ON CONFLICT(id) DO UPDATE SET data = excluded.data`,
    [id, JSON.stringify(data)],
  )
}

/** The same for a row that is gone. */
export async function removeTwin(tx: SqlTransaction, shape: RowShape, id: string): Promise<void> {
  await tx.execute(`DELETE FROM ${quoteName(twinStore(shape))} WHERE id = ?`, [id])
}

/** JSON paths of a twin's own columns, to compare two versions of its `data` at once. */
export function twinPaths(shape: RowShape): string {
  return shape.twinNames.map((name) => `'$.${name}'`).join(', ')
}

/**
 * True from a write through the twin's view until sync has next set the row to what the server
 * holds, be that nothing.
 */
export async function awaitsSync(
  tx: Pick<SqlTransaction, 'executeRaw'>,
  shape: RowShape,
  id: string,
): Promise<boolean> {
  const sql = 'SELECT count(*) FROM ps_updated_rows WHERE row_type = ? AND row_id = ?'
  return (await selectCount(tx, sql, [shape.twin, id])) > 0
}
