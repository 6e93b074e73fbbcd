import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { toSqlInteger, type AmountMinor } from '@sealbook/ledger'
import type { Account, AccountType } from '../../data/records.ts'
import { addAgain, changeRow, type FormError } from '../../data/form-row.ts'
import { deleteRow, updateRow, writeRows, type RowError, type TakenRow } from '../../data/rows.ts'
import type { Result } from '../../data/session-types.ts'
import { accountUseQuery } from './queries.ts'

/** An account as the form hands it over. */
export interface AccountValues {
  readonly name: string
  readonly type: AccountType
  readonly currency: string
  readonly openingBalance: AmountMinor
  readonly note: string
}

/** Why an account stays: rows that a balance was made of would lose their account. */
export type DeleteAccountError = { readonly kind: 'in-use'; readonly transactions: number }

type Database = Pick<AbstractPowerSyncDatabase, 'execute' | 'getAll' | 'writeTransaction'>

/** New accounts go to the end of the list. */
export async function addAccount(
  database: Database,
  workspaceId: string,
  accounts: readonly Account[],
  values: AccountValues,
): Promise<Result<readonly string[], RowError>> {
  const last = Math.max(-1, ...accounts.map((account) => account.sortOrder))
  return writeRows(database, 'accounts', [
    { workspace_id: workspaceId, sort_order: last + 1, archived_at: null, ...cells(values) },
  ])
}

/** @param account as the form shows it: only what the person changed is written. */
export async function changeAccount(
  database: Database,
  account: Account,
  values: AccountValues,
): Promise<Result<void, FormError>> {
  return changeRow(database, 'accounts', account.id, cells(values), cells(account))
}

/** @param row as it was before another device deleted it. */
export async function addAccountAgain(
  database: Database,
  row: TakenRow,
  values: AccountValues,
): Promise<Result<void, RowError>> {
  return addAgain(database, 'accounts', row, cells(values))
}

/** `archivedAt` null brings it back. */
export async function archiveAccount(
  database: Database,
  id: string,
  archivedAt: number | null,
): Promise<Result<void, RowError>> {
  return updateRow(database, 'accounts', id, { archived_at: archivedAt })
}

/** Only an account without transactions: the count and the deletion are one transaction. */
export async function deleteAccount(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<Result<void, DeleteAccountError>> {
  return database.writeTransaction(async (tx) => {
    const { sql, parameters } = accountUseQuery(workspaceId, id)
    const { transactions } = await tx.get<{ transactions: number }>(sql, [...parameters])
    if (transactions > 0) return { ok: false, error: { kind: 'in-use', transactions } }
    await deleteRow(tx, 'accounts', id)
    return { ok: true, value: undefined }
  })
}

/** Puts an account one place earlier or later among the given ones, which are in their order. */
export async function moveAccount(
  database: Database,
  accounts: readonly Account[],
  id: string,
  by: -1 | 1,
): Promise<void> {
  const order = accounts.map((account) => account.id)
  const from = order.indexOf(id)
  const to = from + by
  if (from === -1 || to < 0 || to >= order.length) return
  order.splice(to, 0, ...order.splice(from, 1))
  await database.writeTransaction(async (tx) => {
    for (const [sortOrder, accountId] of order.entries()) {
      const account = accounts.find((one) => one.id === accountId)
      if (account?.sortOrder === sortOrder) continue
      await updateRow(tx, 'accounts', accountId, { sort_order: sortOrder })
    }
  })
}

function cells(values: AccountValues | Account) {
  const { openingBalance } = values
  return {
    name: values.name,
    type: values.type,
    currency: values.currency,
    opening_balance: openingBalance === null ? null : toSqlInteger(openingBalance),
    note: values.note,
  }
}
