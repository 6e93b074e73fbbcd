import type { AcknowledgedChange } from '@sealbook/schema/upload'
import { noteTwin } from './journal.ts'
import { localStore, twinStore } from './layout.ts'
import { groupByShape, shapeOf, type RowShape } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'

/**
 * Remembers what the server says it has stored, with the row, until sync brings it back. To be
 * called before the changes leave the upload queue; again for the same ones is harmless. A row that
 * was deleted here since, or made again, has a later change on its way, which gets its own receipt.
 * @param at milliseconds since 1970.
 */
export async function keepReceipts(
  tx: Pick<SqlTransaction, 'execute'>,
  changes: readonly AcknowledgedChange[],
  at: number,
): Promise<void> {
  const latest = new Map(changes.map((change) => [`${change.table}/${change.rowId}`, change]))
  for (const [shape, ofTable] of groupByShape([...latest.values()])) {
    const written = ofTable.filter(({ seal }) => seal !== null)
    const deleted = ofTable.filter(({ seal }) => seal === null)
    await keepWritten(tx, shape, written, at)
    await keepDeleted(tx, shape, deleted, at)
  }
}

async function keepWritten(
  tx: Pick<SqlTransaction, 'execute'>,
  shape: RowShape,
  changes: readonly AcknowledgedChange[],
  at: number,
): Promise<void> {
  if (changes.length === 0) return
  await tx.execute(
    `INSERT INTO router_owed(tbl, id, state, ground, workspace_id, seal, revision, mine, at)
      SELECT ?, l.id, 'receipt', 'acknowledged', json_extract(l.data, '$.workspace_id'),
        j.value ->> 1, j.value ->> 2, l.data, ?
      FROM json_each(?) AS j JOIN ${quoteName(localStore(shape))} AS l ON l.id = j.value ->> 0
      WHERE true ON CONFLICT(tbl, id) DO UPDATE SET ${replaceAll}`,
    [shape.table, at, asJson(changes)],
  )
}

async function keepDeleted(
  tx: Pick<SqlTransaction, 'execute'>,
  shape: RowShape,
  changes: readonly AcknowledgedChange[],
  at: number,
): Promise<void> {
  if (changes.length === 0) return
  const rows = asJson(changes)
  await tx.execute(
    `INSERT INTO router_owed(tbl, id, state, ground, seal, revision, mine, at)
      SELECT ?, j.value ->> 0, 'receipt', 'acknowledged', NULL, j.value ->> 2, NULL, ?
      FROM json_each(?) AS j
      WHERE j.value ->> 0 NOT IN (SELECT id FROM ${quoteName(localStore(shape))})
      ON CONFLICT(tbl, id) DO UPDATE SET ${replaceAll}`,
    [shape.table, at, rows],
  )
  await tx.execute(
    `UPDATE router_seen SET gone = max(coalesce(gone, 0), j.value ->> 2) FROM json_each(?) AS j
      WHERE tbl = ? AND router_seen.id = j.value ->> 0`,
    [rows, shape.table],
  )
}

const replaceAll = `state = excluded.state, ground = excluded.ground,
  workspace_id = excluded.workspace_id, seal = excluded.seal, revision = excluded.revision,
  mine = excluded.mine, theirs = NULL, theirs_revision = NULL, author_id = NULL, at = excluded.at,
  choice = NULL, settled_at = NULL`

function asJson(changes: readonly AcknowledgedChange[]): string {
  return JSON.stringify(changes.map(({ rowId, seal, revision }) => [rowId, seal, revision]))
}

/** The server refused what it had acknowledged before: it owes nothing for that. */
export async function dropReceipt(
  tx: Pick<SqlTransaction, 'execute'>,
  table: string,
  rowId: string,
  seal: string | null,
): Promise<void> {
  await tx.execute(
    `DELETE FROM router_owed WHERE state = 'receipt' AND tbl = ? AND id = ? AND seal IS ?`,
    [table, rowId, seal],
  )
}

/**
 * Receipts of which a checkpoint that covers the acknowledgement was applied: PowerSync keeps a row
 * in `ps_updated_rows` from its write until it has set the row to what the server holds, which it
 * does only with an empty queue and a checkpoint from after the last upload. What came back is
 * redeemed; what did not is noted, for opening to judge. Most were redeemed by a trigger or by
 * opening before that: sync tells nothing of a row that is gone on both sides.
 */
export async function settleCoveredReceipts(tx: SqlTransaction): Promise<void> {
  const tables = await selectRows(
    tx,
    `SELECT DISTINCT tbl FROM router_owed WHERE state = 'receipt'`,
  )
  for (const [table] of tables) await settleCovered(tx, shapeOf(String(table)))
}

async function settleCovered(tx: SqlTransaction, shape: RowShape): Promise<void> {
  const rows = await selectRows(
    tx,
    `SELECT r.id, json_extract(t.data, '$.seal') IS r.seal
      FROM router_owed AS r LEFT JOIN ${quoteName(twinStore(shape))} AS t ON t.id = r.id
      WHERE r.state = 'receipt' AND r.tbl = ?
        AND NOT EXISTS (SELECT 1 FROM ps_updated_rows AS u WHERE u.row_type = ? AND u.row_id = r.id)
        AND NOT EXISTS (SELECT 1 FROM router_in AS i WHERE i.tbl = r.tbl AND i.id = r.id)
        AND NOT EXISTS (SELECT 1 FROM router_faults AS f WHERE f.tbl = r.tbl AND f.id = r.id)`,
    [shape.table, shape.twin],
  )
  const redeemed = rows.filter(([, isThere]) => isThere === 1).map(([id]) => String(id))
  await removeOwed(tx, shape.table, redeemed)
  for (const [id, isThere] of rows) if (isThere !== 1) await noteTwin(tx, shape, String(id))
}

/** The server has what it owed. */
export async function removeOwed(
  tx: SqlTransaction,
  table: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(
    `DELETE FROM router_owed WHERE tbl = ? AND settled_at IS NULL
      AND id IN (SELECT value FROM json_each(?))`,
    [table, JSON.stringify(ids)],
  )
}
