import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { toSqlInteger, type AmountMinor } from '@sealbook/ledger'
import { addAgain, changeRow, type FormError } from '../../data/form-row.ts'
import { restoreRow, takeRow, writeRows, type RowError, type TakenRow } from '../../data/rows.ts'
import type { Result } from '../../data/session-types.ts'
import type { TransactionRow } from './queries.ts'

/** A transaction as the form hands it over. `amount` is signed minor units. */
export interface TransactionValues {
  readonly accountId: string
  readonly categoryId: string | null
  readonly kind: 'expense' | 'income'
  readonly occurredOn: string
  readonly status: 'pending' | 'cleared'
  readonly amount: AmountMinor
  readonly payee: string
  readonly note: string
}

type Database = Pick<AbstractPowerSyncDatabase, 'execute' | 'getAll'>

export async function addTransaction(
  database: Database,
  workspaceId: string,
  values: TransactionValues,
): Promise<Result<readonly string[], RowError>> {
  return writeRows(database, 'transactions', [{ workspace_id: workspaceId, ...cells(values) }])
}

/** @param row as the form shows it: only what the person changed is written. */
export async function changeTransaction(
  database: Pick<AbstractPowerSyncDatabase, 'writeTransaction'>,
  row: TransactionRow,
  values: TransactionValues,
): Promise<Result<void, FormError>> {
  return changeRow(database, 'transactions', row.id, cells(values), row)
}

/** @param row as it was before another device deleted it. */
export async function addTransactionAgain(
  database: Pick<AbstractPowerSyncDatabase, 'writeTransaction'>,
  row: TakenRow,
  values: TransactionValues,
): Promise<Result<void, RowError>> {
  return addAgain(database, 'transactions', row, cells(values))
}

/** What Undo needs, or null when the transaction was gone already. */
export function deleteTransaction(
  database: Pick<AbstractPowerSyncDatabase, 'writeTransaction'>,
  id: string,
): Promise<TakenRow | null> {
  return takeRow(database, 'transactions', id)
}

/** Brings a deleted transaction back, at its old place in the list. */
export async function restoreTransaction(database: Database, row: TakenRow): Promise<void> {
  await restoreRow(database, 'transactions', row)
}

function cells(values: TransactionValues) {
  return {
    account_id: values.accountId,
    category_id: values.categoryId,
    kind: values.kind,
    occurred_on: values.occurredOn,
    status: values.status,
    amount: toSqlInteger(values.amount),
    payee: values.payee,
    note: values.note,
  }
}
