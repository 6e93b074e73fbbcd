import type pg from 'pg'
import { inTransaction } from '../../plugins/database.ts'
import type { NewWorkspace } from './schemas.ts'

/**
 * Creates a workspace, its owner's membership and wrapped data key together. `exists` when this
 * person made it before with the same key; `taken` when anything about it differs.
 */
export async function createWorkspace(
  pool: pg.Pool,
  userId: string,
  { id, dataKey }: NewWorkspace,
): Promise<'created' | 'exists' | 'taken'> {
  return await inTransaction(pool, async (client) => {
    const inserted = await client.query(
      'INSERT INTO workspaces (id, created_by) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
      [id, userId],
    )
    if (inserted.rowCount === 0) {
      const same = await client.query(sameSql, [id, userId, dataKey.keyVersion, dataKey.wrapped])
      return same.rowCount === 0 ? 'taken' : 'exists'
    }
    await client.query(
      `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`,
      [id, userId],
    )
    await client.query(
      `INSERT INTO workspace_data_keys (workspace_id, user_id, key_version, wrapped)
       VALUES ($1, $2, $3, $4)`,
      [id, userId, dataKey.keyVersion, dataKey.wrapped],
    )
    return 'created'
  })
}

const sameSql = `
  SELECT 1 FROM workspace_memberships m
  JOIN workspace_data_keys k USING (workspace_id, user_id)
  WHERE m.workspace_id = $1 AND m.user_id = $2 AND m.role = 'owner'
    AND k.key_version = $3 AND k.wrapped = $4`
