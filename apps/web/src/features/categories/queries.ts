import type { Query } from '../../data/query.ts'

/** How many transactions a category has. */
export function categoryUseQuery(workspaceId: string, categoryId: string): Query {
  return {
    sql: `SELECT COUNT(*) AS transactions FROM transactions
      WHERE workspace_id = ? AND category_id = ?`,
    parameters: [workspaceId, categoryId],
  }
}
