import type { Query } from '../../data/query.ts'

/** How many transactions an account has. */
export function accountUseQuery(workspaceId: string, accountId: string): Query {
  return {
    sql: `SELECT COUNT(*) AS transactions FROM transactions
      WHERE workspace_id = ? AND account_id = ?`,
    parameters: [workspaceId, accountId],
  }
}
