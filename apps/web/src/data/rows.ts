import {
  entityOf,
  localColumns,
  type Column,
  type EntityTable,
  type commonColumns,
  type entities,
} from '@sealbook/schema'
import type { AbstractPowerSyncDatabase, LockContext, Transaction } from '@powersync/common'
import { recordDeed } from '@sealbook/crypto-router'
import type { Breach } from '@sealbook/ledger'
import { v7 } from 'uuid'
import { checkerOf } from './checkers.ts'
import { checkChange, checkNewTransactions } from './related-rows.ts'
import type { Result } from './session-types.ts'

/*
 * The one gate of the app's own writes: packages/ledger checks every value before it is stored.
 * Lint keeps SQL that writes rows out of the other files of the app.
 */

/** Why a row was not written. Nothing of the call was. */
export type RowError = Breach

export type CellValue = string | number | bigint | null

/** A database or a transaction of it. */
export type SqlWriter = Pick<LockContext, 'execute' | 'getAll'>

/** A whole new row: what may be null may be left out, and `id` is drawn when it is. */
export type NewRow<T extends EntityTable> = {
  readonly id?: string
  readonly workspace_id: string
} & Required<Pick<CellsOf<T>, RequiredNames<T>>> &
  Partial<CellsOf<T>>

/** Columns to change; the others stay as they are. Money and other sealed integers are bigints. */
export type RowChanges<T extends EntityTable> = Partial<CellsOf<T>>

/** A new row's id: a UUID in the order of creation, so that tables and indexes grow at one end. */
export function newRowId(): string {
  return v7()
}

/**
 * Writes new rows by one statement: all or none. `created_at` and `updated_at` become `nowMs`.
 * For rows of several tables, call it inside one `db.writeTransaction`.
 */
export async function writeRows<T extends EntityTable>(
  writer: SqlWriter,
  table: T,
  rows: readonly NewRow<T>[],
  nowMs: number = Date.now(),
): Promise<Result<readonly string[], RowError>> {
  if (rows.length === 0) return { ok: true, value: [] }
  const columns = Object.entries(localColumns(entityOf(table)))
  const checker = checkerOf(table)
  const written = rows.map((row): Cells => {
    const { id = newRowId() } = row
    return { ...row, id, created_at: nowMs, updated_at: nowMs }
  })
  for (const row of written) {
    const [breach] = checker.checkRow(row)
    if (breach !== undefined) return { ok: false, error: breach }
  }
  if (table === 'transactions') {
    const [breach] = await checkNewTransactions(writer, written)
    if (breach !== undefined) return { ok: false, error: breach }
  }
  const records = written.map((row) =>
    Object.fromEntries(
      ['id', ...columns.map(([name]) => name)].map((name) => [name, textOf(row[name])]),
    ),
  )
  await writer.execute(insertStatement(table, columns), [JSON.stringify(records)])
  return { ok: true, value: written.map((row) => String(row['id'])) }
}

/**
 * Changes columns of one row and its `updated_at`; without columns, nothing. A row that is not
 * there stays away.
 */
export async function updateRow<T extends EntityTable>(
  writer: SqlWriter,
  table: T,
  id: string,
  changes: RowChanges<T>,
  nowMs: number = Date.now(),
): Promise<Result<void, RowError>> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined) as [
    string,
    CellValue,
  ][]
  if (given.length === 0) return { ok: true, value: undefined }
  const cells = Object.fromEntries(given)
  const [breach] = checkerOf(table).checkCells(cells)
  if (breach !== undefined) return { ok: false, error: breach }
  const [broken] = await checkChange(writer, table, id, cells)
  if (broken !== undefined) return { ok: false, error: broken }
  const assignments = ['updated_at', ...Object.keys(cells)].map((name) => `"${name}" = ?`)
  await writer.execute(`UPDATE "${table}" SET ${assignments.join(', ')} WHERE id = ?`, [
    nowMs,
    ...given.map(([, value]) => bindable(value)),
    id,
  ])
  return { ok: true, value: undefined }
}

/**
 * The columns that a form changed, out of what it started from: the others may have changed
 * elsewhere while it was open. A text that was null may come back empty.
 */
export function changedCells<T extends Readonly<Record<string, CellValue>>>(
  cells: T,
  startedFrom: Readonly<Record<keyof T, CellValue>>,
): Partial<T> {
  const isChanged = ([name, value]: [string, CellValue]) =>
    String(value ?? '') !== String(startedFrom[name] ?? '')
  return Object.fromEntries(Object.entries(cells).filter(isChanged)) as Partial<T>
}

/**
 * The app deletes only by a person's command, and says so: many at once need not be asked about.
 * In one transaction, or a deed without its delete would let a later one pass unasked.
 */
export async function deleteRow(
  tx: Pick<Transaction, 'execute' | 'rollback'>,
  table: EntityTable,
  id: string,
): Promise<void> {
  await recordDeed(tx, table, [id])
  await tx.execute(`DELETE FROM "${table}" WHERE id = ?`, [id])
}

/** A deleted row: every column as text, exact whatever its type. */
export type TakenRow = Readonly<Record<string, string | null>>

/** A row as `restoreRow` takes it; null when it is not there. */
export async function readRow(
  reader: Pick<AbstractPowerSyncDatabase, 'getOptional'>,
  table: EntityTable,
  id: string,
): Promise<TakenRow | null> {
  const columns = Object.keys(localColumns(entityOf(table)))
  const texts = columns.map((name) => `CAST("${name}" AS TEXT) AS "${name}"`)
  const sql = `SELECT ${texts.join(', ')} FROM "${table}" WHERE id = ?`
  return reader.getOptional<TakenRow>(sql, [id])
}

/** Deletes a row and gives it back for `restoreRow`; null when it was not there. */
export async function takeRow(
  database: Pick<AbstractPowerSyncDatabase, 'writeTransaction'>,
  table: EntityTable,
  id: string,
): Promise<TakenRow | null> {
  return database.writeTransaction(async (tx) => {
    const row = await readRow(tx, table, id)
    await deleteRow(tx, table, id)
    return row
  })
}

/**
 * Writes a taken row again, with its `created_at`. It gets a new id, which is returned, because the
 * server refuses to write an id again whose deletion it has already seen. It comes back as it was,
 * even if it broke a rule: Undo must not lose it, and the router notes it again.
 */
export async function restoreRow(
  writer: Pick<SqlWriter, 'execute'>,
  table: EntityTable,
  row: TakenRow,
  nowMs: number = Date.now(),
): Promise<string> {
  const columns = Object.entries(localColumns(entityOf(table)))
  const id = newRowId()
  const record = { ...row, id, updated_at: String(nowMs) }
  await writer.execute(insertStatement(table, columns), [JSON.stringify([record])])
  return id
}

/** Integers travel as text in the JSON parameter, exact to 2^63, and are cast where they land. */
function insertStatement(
  table: EntityTable,
  columns: readonly (readonly [string, Column])[],
): string {
  const names = columns.map(([name]) => `"${name}"`)
  const values = columns.map(([name, column]) => {
    const text = `row.value ->> '${name}'`
    return column.type === 'integer' || column.type === 'instant'
      ? `CAST(${text} AS INTEGER)`
      : text
  })
  return `INSERT INTO "${table}" (id, ${names.join(', ')})
    SELECT row.value ->> 'id', ${values.join(', ')} FROM json_each(?) AS row`
}

function textOf(value: CellValue | undefined): string | null {
  return value === undefined || value === null ? null : String(value)
}

/** A number outside 32 bits would bind as a double. */
function bindable(value: string | number | bigint | null): string | bigint | null {
  return typeof value === 'number' ? BigInt(value) : value
}

type Cells = Readonly<Record<string, CellValue | undefined>>
type EntityNamed<T extends EntityTable> = Extract<(typeof entities)[number], { table: T }>
type Columns<T extends EntityTable> = EntityNamed<T>['columns'] &
  Pick<typeof commonColumns, 'workspace_id'>
type CellsOf<T extends EntityTable> = {
  -readonly [Name in keyof Columns<T>]: Cell<Columns<T>[Name]>
}
type RequiredNames<T extends EntityTable> = {
  [Name in keyof Columns<T>]: null extends Cell<Columns<T>[Name]> ? never : Name
}[keyof Columns<T>]

type Cell<C> = C extends { visibility: 'sealed'; type: 'integer' }
  ? bigint | null
  : C extends { visibility: 'sealed' }
    ? string | null
    : VisibleCell<C> | (C extends { nullable: true } ? null : never)
type VisibleCell<C> = C extends { choices: readonly (infer Choice)[] }
  ? Choice
  : C extends { type: 'integer' | 'instant' }
    ? number
    : string
