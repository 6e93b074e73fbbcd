import { useMemo } from 'react'
import { addTotals, type Total } from '@sealbook/ledger'
import { readTotal, totalColumns, type TotalParts } from './amount-sql.ts'
import { useLiveQuery } from './live-query.ts'
import type { Query } from './query.ts'
import type { Account } from './records.ts'
import { useWorkspaceId } from './session-context.tsx'

/** Signed sum and number of the transactions of every account that has any, from `day_totals`. */
export function accountFlowsQuery(workspaceId: string): Query {
  return {
    sql: `SELECT account_id, ${totalColumns('income', 'income')}, ${totalColumns('expense', 'expense')},
        SUM("count") AS transactions
      FROM day_totals WHERE workspace_id = ? AND "count" > 0 GROUP BY account_id`,
    parameters: [workspaceId],
  }
}

interface AccountFlowRow extends TotalParts<'income'>, TotalParts<'expense'> {
  readonly account_id: string
  readonly transactions: number
}

function flowOf(row: AccountFlowRow | undefined): Total {
  return row === undefined ? 0 : addTotals(readTotal(row, 'income'), readTotal(row, 'expense'))
}

export interface Balances {
  /**
   * In minor units of the account's currency: opening balance plus every transaction. Null where
   * the opening balance is no amount.
   */
  readonly balanceOf: (account: Account) => bigint | null
  readonly transactionsOf: (accountId: string) => number
  readonly isLoading: boolean
}

/** Live balances. A balance is never stored, so that two devices cannot lose each other's update. */
export function useBalances(): Balances {
  const { sql, parameters } = accountFlowsQuery(useWorkspaceId())
  const { data, isLoading } = useLiveQuery<AccountFlowRow>(sql, parameters)
  return useMemo(() => {
    const byAccountId = new Map(data.map((row) => [row.account_id, row]))
    return {
      balanceOf: ({ id, openingBalance }) =>
        openingBalance === null
          ? null
          : BigInt(openingBalance) + BigInt(flowOf(byAccountId.get(id))),
      transactionsOf: (accountId) => byAccountId.get(accountId)?.transactions ?? 0,
      isLoading,
    }
  }, [data, isLoading])
}

/**
 * Sums of balances by currency, in the order in which the currencies first appear. A balance that
 * cannot be told, or that is in no currency, is in no sum.
 */
export function totalsByCurrency(
  accounts: readonly Account[],
  balanceOf: Balances['balanceOf'],
): readonly { readonly currency: string; readonly total: bigint }[] {
  const totals = new Map<string, bigint>()
  for (const account of accounts) {
    if (account.currency === '') continue
    totals.set(account.currency, (totals.get(account.currency) ?? 0n) + (balanceOf(account) ?? 0n))
  }
  return [...totals].map(([currency, total]) => ({ currency, total }))
}
