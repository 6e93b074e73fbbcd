import { exactAmount, totalColumns, type TotalParts } from '../../data/amount-sql.ts'
import type { Query } from '../../data/query.ts'

/** What one account moved in a span of days; `expense` is zero or negative. */
export interface FlowRow extends TotalParts<'income'>, TotalParts<'expense'> {
  readonly account_id: string
}

const bothFlows = `${totalColumns('income', 'income')}, ${totalColumns('expense', 'expense')}`

/** In and out by account between two days, both included, from `day_totals`. */
export function flowsQuery(workspaceId: string, firstDay: string, lastDay: string): Query {
  return {
    sql: `SELECT account_id, ${bothFlows} FROM day_totals
      WHERE workspace_id = ? AND day BETWEEN ? AND ? AND "count" > 0 GROUP BY account_id`,
    parameters: [workspaceId, firstDay, lastDay],
  }
}

/** What one account moved in one month; `expense` is zero or negative. */
export interface MonthFlowRow extends FlowRow {
  readonly month: string
}

/** In and out of every month there is, by account, newest first, from `day_totals`. */
export function monthFlowsQuery(workspaceId: string): Query {
  return {
    sql: `SELECT substr(day, 1, 7) AS month, account_id, ${bothFlows}
      FROM day_totals WHERE workspace_id = ? AND "count" > 0
      GROUP BY month, account_id ORDER BY month DESC`,
    parameters: [workspaceId],
  }
}

/** Expenses of one category from one account; a refund makes `amount` smaller in size. */
export interface SpendingRow extends TotalParts<'amount'> {
  readonly category_id: string | null
  readonly account_id: string
}

/** Expenses by category and account between two days, by the index `by_day`. */
export function spendingQuery(workspaceId: string, firstDay: string, lastDay: string): Query {
  return {
    sql: `SELECT category_id, account_id, ${totalColumns('amount', exactAmount('amount'))} FROM transactions
      WHERE workspace_id = ? AND occurred_on BETWEEN ? AND ? AND kind = 'expense'
      GROUP BY category_id, account_id`,
    parameters: [workspaceId, firstDay, lastDay],
  }
}

export interface RecentRow {
  readonly id: string
  readonly account_id: string
  readonly category_id: string | null
  readonly occurred_on: string
  readonly status: 'pending' | 'cleared'
  /** Null where it is no amount. */
  readonly amount: number | null
  readonly payee: string | null
}

/** The newest transactions, by the index `by_day`. */
export function recentQuery(workspaceId: string, limit: number): Query {
  return {
    sql: `SELECT id, account_id, category_id, occurred_on, status, ${exactAmount('amount')} AS amount, payee
      FROM transactions WHERE workspace_id = ? ORDER BY occurred_on DESC, created_at DESC LIMIT ?`,
    parameters: [workspaceId, limit],
  }
}
