import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { asAmountMinor, toSqlInteger, type AmountMinor } from '@sealbook/ledger'
import { deleteRow, updateRow, writeRows, type RowError } from '../../data/rows.ts'
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

type Database = Pick<AbstractPowerSyncDatabase, 'execute'>

export async function addTransaction(
  database: Database,
  workspaceId: string,
  values: TransactionValues,
): Promise<Result<readonly string[], RowError>> {
  return writeRows(database, 'transactions', [{ workspace_id: workspaceId, ...cells(values) }])
}

export async function changeTransaction(
  database: Database,
  id: string,
  values: TransactionValues,
): Promise<Result<void, RowError>> {
  return updateRow(database, 'transactions', id, cells(values))
}

export async function deleteTransaction(database: Database, id: string): Promise<void> {
  await deleteRow(database, 'transactions', id)
}

/**
 * Brings a deleted transaction back, at its old place in the list. It gets a new id, because the
 * server refuses to write an id again whose deletion it has already seen.
 */
export async function restoreTransaction(
  database: Database,
  workspaceId: string,
  row: TransactionRow,
): Promise<Result<readonly string[], RowError>> {
  const restored = {
    workspace_id: workspaceId,
    account_id: row.account_id,
    category_id: row.category_id,
    kind: row.kind,
    occurred_on: row.occurred_on,
    status: row.status,
    amount: toSqlInteger(asAmountMinor(row.amount)),
    payee: row.payee,
    note: row.note,
  }
  return writeRows(database, 'transactions', [restored], row.created_at)
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
