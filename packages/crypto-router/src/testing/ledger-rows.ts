import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { workspaceId } from './device.ts'

/** A lower-case UUID that tells its number. */
export function rowId(number: number): string {
  return `aaaaaaaa-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

export const accountId = rowId(0xacc)

export interface TransactionInput {
  readonly amount?: bigint | null
  readonly payee?: string | null
  readonly note?: string | null
  readonly occurredOn?: string
  readonly workspace?: string
}

/** Writes a transaction the way the interface does: through the view. */
export async function insertTransaction(
  db: Pick<AbstractPowerSyncDatabase, 'execute'>,
  id: string,
  input: TransactionInput = {},
): Promise<void> {
  await db.execute(
    `INSERT INTO transactions(id, workspace_id, created_at, updated_at, account_id, category_id,
      kind, occurred_on, status, amount, payee, note)
      VALUES (?, ?, 1700000000000, 1700000000000, ?, NULL, 'expense', ?, 'cleared',
        CAST(? AS INTEGER), ?, ?)`,
    [
      id,
      input.workspace ?? workspaceId,
      accountId,
      input.occurredOn ?? '2026-11-22',
      input.amount === undefined ? '-1250' : (input.amount?.toString() ?? null),
      input.payee === undefined ? 'Corner shop' : input.payee,
      input.note === undefined ? '' : input.note,
    ],
  )
}

/** `count` transactions in one local transaction, one bulk statement. */
export async function insertMany(
  db: AbstractPowerSyncDatabase,
  count: number,
  first = 1,
): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => [
    rowId(first + index),
    `2026-${String((index % 12) + 1).padStart(2, '0')}-15`,
    -(first + index),
  ])
  await db.execute(
    `INSERT INTO transactions(id, workspace_id, created_at, updated_at, account_id, category_id,
      kind, occurred_on, status, amount, payee, note)
      SELECT value ->> 0, ?, 1700000000000, 1700000000000, ?, NULL, 'expense', value ->> 1,
        'cleared', value ->> 2, 'payee', NULL FROM json_each(?)`,
    [workspaceId, accountId, JSON.stringify(rows)],
  )
}

export async function insertAccount(
  db: AbstractPowerSyncDatabase,
  id: string,
  name: string,
  openingBalance = '0',
): Promise<void> {
  await db.execute(
    `INSERT INTO accounts(id, workspace_id, created_at, updated_at, type, currency, sort_order,
      archived_at, name, opening_balance, note)
      VALUES (?, ?, 1700000000000, 1700000000000, 'checking', 'EUR', 1, NULL, ?,
        CAST(? AS INTEGER), NULL)`,
    [id, workspaceId, name, openingBalance],
  )
}

/** All columns of a plaintext table as text, to compare two devices digit by digit. */
export async function dumpTable(
  db: AbstractPowerSyncDatabase,
  table: string,
): Promise<Record<string, unknown>[]> {
  const rows = await db.getAll<Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY id`)
  const amounts =
    table === 'transactions' ? 'amount' : table === 'accounts' ? 'opening_balance' : null
  if (amounts === null) return rows
  const exact = await db.getAll<{ id: string; exact: string | null }>(
    `SELECT id, CAST(${amounts} AS TEXT) AS exact FROM ${table} ORDER BY id`,
  )
  return rows.map((row, index) => ({ ...row, [amounts]: exact[index]?.exact }))
}

export async function count(db: AbstractPowerSyncDatabase, sql: string): Promise<number> {
  return (await db.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)).n
}
