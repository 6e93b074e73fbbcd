import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { EntityTable } from '@sealbook/schema'
import { useEffect, useState } from 'react'
import { exactAmount } from './amount-sql.ts'
import {
  changedCells,
  deleteRow,
  readRow,
  restoreRow,
  updateRow,
  type CellValue,
  type RowChanges,
  type RowError,
  type TakenRow,
} from './rows.ts'
import { useDatabase } from './session-context.tsx'
import type { Result } from './session-types.ts'

/** Why the change of a form was not written. */
export type FormError =
  | RowError
  /** A column that the person changed is not as the form showed it: it shows it now. */
  | { readonly kind: 'changed-elsewhere' }
  | { readonly kind: 'gone' }

type Database = Pick<AbstractPowerSyncDatabase, 'writeTransaction'>

/**
 * Writes what a form changed of a row, and nothing over a value that the form did not show.
 * @param shown the row as the form showed it, with the columns of `cells`.
 */
export async function changeRow<
  T extends EntityTable,
  C extends Readonly<Record<string, CellValue>>,
>(
  database: Database,
  table: T,
  id: string,
  cells: C & RowChanges<T>,
  shown: Readonly<Record<keyof C, CellValue>>,
): Promise<Result<void, FormError>> {
  const changes = changedCells<C>(cells, shown)
  const names = Object.keys(changes)
  if (names.length === 0) return { ok: true, value: undefined }
  return database.writeTransaction(async (tx): Promise<Result<void, FormError>> => {
    const now = await tx.getOptional<Record<string, CellValue>>(
      `SELECT ${names.map(asShown).join(', ')} FROM "${table}" WHERE id = ?`,
      [id],
    )
    if (now === null) return { ok: false, error: { kind: 'gone' } }
    const before = Object.fromEntries(names.map((name) => [name, shown[name] ?? null]))
    if (Object.keys(changedCells(now, before)).length > 0) {
      return { ok: false, error: { kind: 'changed-elsewhere' } }
    }
    return updateRow(tx, table, id, changes as RowChanges<T>)
  })
}

/** The same for a row that was deleted elsewhere: it is there again, with all that it had. */
export async function addAgain<T extends EntityTable>(
  database: Database,
  table: T,
  row: TakenRow,
  cells: RowChanges<T>,
): Promise<Result<void, RowError>> {
  return database.writeTransaction(async (tx) => {
    const id = await restoreRow(tx, table, row)
    const changed = await updateRow(tx, table, id, cells)
    if (!changed.ok) await deleteRow(tx, table, id)
    return changed
  })
}

/** The whole row as it was when a form over it opened; null until it is read, and for a new one. */
export function useRowAtStart(table: EntityTable, id: string | null): TakenRow | null {
  const database = useDatabase()
  const [row, setRow] = useState<TakenRow | null>(null)
  useEffect(() => {
    if (id !== null) void readRow(database, table, id).then(setRow)
  }, [database, table, id])
  return row
}

/** The record of an open form, as it is now in a live list; the last known one where it is gone. */
export function useLiveRecord<R extends { readonly id: string }>(
  found: R | null,
  records: readonly R[],
): { readonly row: R | null; readonly isGone: boolean } {
  const [row, setRow] = useState(found)
  const now = records.find(({ id }) => id === found?.id)
  if (now !== undefined && now !== row) setRow(now)
  return { row, isGone: found !== null && now === undefined }
}

/** As the forms read it: what another device wrote and cannot be shown can be mended all the same. */
function asShown(name: string): string {
  return `${shownColumns.get(name) ?? `"${name}"`} AS "${name}"`
}

const shownColumns = new Map([
  ['amount', exactAmount('amount')],
  ['opening_balance', exactAmount('coalesce(opening_balance, 0)')],
  ['currency', "iif(currency GLOB '[A-Z][A-Z][A-Z]', currency, '')"],
])
