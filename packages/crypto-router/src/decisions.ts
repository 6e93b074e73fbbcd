import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { entityOf, joinValues, undoableMs, type EntityTable } from '@sealbook/schema'
import { findConflict, type Choice, type RowConflict } from './conflicts.ts'
import { deleteRow, parseDocument, readDocument, writeValues } from './local-document.ts'
import type { LocalValues } from './rows.ts'
import { selectRows, type SqlTransaction } from './sql.ts'

/**
 * Carries out what the person decided. What it writes is a local change on top of the row as it is
 * now. Without that conflict, or when it is decided already, nothing happens.
 * @param fields columns to decide, whole fields; the others stay open. All where it is left out.
 */
export async function resolveConflict(
  db: AbstractPowerSyncDatabase,
  conflictId: number,
  choice: Choice,
  now: number,
  fields?: readonly string[],
): Promise<void> {
  await db.writeTransaction(async (tx) => {
    const found = await findConflict(tx, conflictId)
    if (found === null || found.decision !== null) return
    const conflict = fields === undefined ? found : await splitOff(tx, found, fields)
    if (conflict === null) return
    const { table, id } = conflict
    const before = await readDocument(tx, table, id)
    await carryOut(tx, conflict, choice, now)
    const after = await readDocument(tx, table, id)
    await tx.execute(
      `UPDATE router_conflicts SET settled_at = ?, choice = ?, row_before = ?, row_after = ?
        WHERE seq = ?`,
      [now, choice, before, after, conflict.conflictId],
    )
    await tx.execute('DELETE FROM router_conflicts WHERE settled_at < ?', [now - undoableMs])
  })
}

/**
 * Takes a decision back: the conflict is open again, and the row as it was before, as far as
 * nobody has changed it since. Without such a decision nothing happens.
 */
export async function undoDecision(
  db: AbstractPowerSyncDatabase,
  conflictId: number,
  now: number,
): Promise<void> {
  await db.writeTransaction(async (tx) => {
    const conflict = await findConflict(tx, conflictId)
    if (conflict === null || conflict.decision === null) return
    await restore(tx, conflict, now)
    await tx.execute(
      `UPDATE router_conflicts SET settled_at = NULL, choice = NULL, row_before = NULL,
        row_after = NULL WHERE seq = ?`,
      [conflictId],
    )
  })
}

/** What the two values of a column become with `both`; undefined where there is no such value. */
export function bothOf(
  table: EntityTable,
  name: string,
  mine: LocalValues,
  theirs: LocalValues,
): string | undefined {
  const column = entityOf(table).columns[name]
  const [first, second] = [theirs[name] ?? '', mine[name] ?? '']
  if (column === undefined || typeof first !== 'string' || typeof second !== 'string') {
    return undefined
  }
  return joinValues(column, first, second)
}

/** The fields in a conflict of their own, so that the others stay to be decided. */
async function splitOff(
  tx: SqlTransaction,
  conflict: RowConflict,
  columns: readonly string[],
): Promise<RowConflict | null> {
  const chosen = conflict.fields.filter((field) => field.some((name) => columns.includes(name)))
  const left = conflict.fields.filter((field) => !chosen.includes(field))
  if (chosen.length === 0) return null
  if (left.length === 0) return conflict
  const { conflictId } = conflict
  await tx.execute('UPDATE router_conflicts SET fields = ? WHERE seq = ?', [
    JSON.stringify(left),
    conflictId,
  ])
  await tx.execute(
    `INSERT INTO router_conflicts(tbl, id, workspace_id, base, mine, theirs, author_id, fields, at)
      SELECT tbl, id, workspace_id, base, mine, theirs, author_id, ?, at FROM router_conflicts WHERE seq = ?`,
    [JSON.stringify(chosen), conflictId],
  )
  const [created] = await selectRows(tx, 'SELECT last_insert_rowid()')
  return findConflict(tx, Number(created?.[0]))
}

async function carryOut(
  tx: SqlTransaction,
  conflict: RowConflict,
  choice: Choice,
  now: number,
): Promise<void> {
  if (choice === 'theirs') return
  const { table, id, mine } = conflict
  if (mine === null) return deleteRow(tx, table, id)
  const current = await parseDocument(tx, table, await readDocument(tx, table, id))
  const decided = decidedValues(conflict, choice, mine)
  const whole = current === null ? mine : {}
  await writeValues(tx, table, id, { ...whole, ...decided, updated_at: now })
}

/** The columns that the choice is about, as it wants them. @throws where it cannot have both. */
function decidedValues(conflict: RowConflict, choice: Choice, mine: LocalValues): LocalValues {
  const { table, theirs } = conflict
  const values = columnsOf(conflict).map((name) => {
    const value = mine[name] ?? null
    if (choice === 'mine' || theirs === null || value === theirs[name]) return [name, value]
    const both = bothOf(table, name, mine, theirs)
    if (both === undefined) throw new RangeError(`${table}.${name} cannot have both values`)
    return [name, both]
  })
  return Object.fromEntries(values) as LocalValues
}

function columnsOf({ table, fields }: RowConflict): readonly string[] {
  return fields.length === 0 ? Object.keys(entityOf(table).columns) : fields.flat()
}

async function restore(tx: SqlTransaction, conflict: RowConflict, now: number): Promise<void> {
  const { table, id, conflictId } = conflict
  const [documents] = await selectRows(
    tx,
    'SELECT row_before, row_after FROM router_conflicts WHERE seq = ?',
    [conflictId],
  )
  const [before, after] = await Promise.all(
    (documents ?? []).map((document) => parseDocument(tx, table, document as string | null)),
  )
  const current = await parseDocument(tx, table, await readDocument(tx, table, id))
  const names = columnsOf(conflict)
  if (!isSame(names, current, after ?? null)) return
  if (before === undefined || before === null) {
    if (current !== null) await deleteRow(tx, table, id)
    return
  }
  if (isSame(names, current, before)) return
  const values =
    current === null
      ? before
      : Object.fromEntries(names.map((name) => [name, before[name] ?? null]))
  await writeValues(tx, table, id, { ...values, updated_at: now })
}

function isSame(names: readonly string[], a: LocalValues | null, b: LocalValues | null): boolean {
  if (a === null || b === null) return a === b
  return names.every((name) => (a[name] ?? null) === (b[name] ?? null))
}
