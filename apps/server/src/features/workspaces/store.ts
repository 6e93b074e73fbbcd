import type pg from 'pg'
import { inTransaction } from '../../plugins/database.ts'
import type { DataKey, NewWorkspace } from './schemas.ts'

/**
 * Creates a workspace, its owner's membership and wrapped data key together. `exists` when this
 * person made it before with the same key; `taken` when anything about it differs;
 * `too-many` when this person made `most` before.
 */
export async function createWorkspace(
  pool: pg.Pool,
  userId: string,
  { id, dataKey }: NewWorkspace,
  most: number,
): Promise<'created' | 'exists' | 'taken' | 'too-many'> {
  return await inTransaction(pool, async (client) => {
    // One after the other: two at once would both count the same.
    await client.query('SELECT FROM auth_user WHERE id = $1 FOR NO KEY UPDATE', [userId])
    const inserted = await client.query(
      `INSERT INTO workspaces (id, created_by)
       SELECT $1, $2 WHERE (SELECT count(*) FROM workspaces WHERE created_by = $2) < $3
       ON CONFLICT (id) DO NOTHING`,
      [id, userId, most],
    )
    if (inserted.rowCount === 0) {
      const same = await client.query(sameSql, [id, userId, dataKey.keyVersion, dataKey.wrapped])
      if (same.rowCount !== 0) return 'exists'
      const known = await client.query('SELECT FROM workspaces WHERE id = $1', [id])
      return known.rowCount === 0 ? 'too-many' : 'taken'
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

/**
 * Stores a member's wrapped DEK where there is none of that version; the same one again is `stored`
 * too. A workspace that has lost its members, as a restore may leave it, is given back to the person
 * who created it: the wrapped key opens for nobody else.
 */
export async function putMissingDataKey(
  pool: pg.Pool,
  userId: string,
  workspaceId: string,
  { keyVersion, wrapped }: DataKey,
): Promise<'stored' | 'taken' | 'not-found'> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ isMember: boolean; isOrphan: boolean }>(standingSql, [
      workspaceId,
      userId,
    ])
    const standing = rows[0]
    if (standing === undefined || !(standing.isMember || standing.isOrphan)) return 'not-found'
    if (standing.isOrphan) {
      await client.query(
        `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`,
        [workspaceId, userId],
      )
    }
    const inserted = await client.query(
      `INSERT INTO workspace_data_keys (workspace_id, user_id, key_version, wrapped)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [workspaceId, userId, keyVersion, wrapped],
    )
    if (inserted.rowCount === 1) return 'stored'
    const same = await client.query(
      `SELECT 1 FROM workspace_data_keys
       WHERE workspace_id = $1 AND user_id = $2 AND key_version = $3 AND wrapped = $4`,
      [workspaceId, userId, keyVersion, wrapped],
    )
    return same.rowCount === 0 ? 'taken' : 'stored'
  })
}

/** Under the workspace's lock, so that two give-backs make one membership. */
const standingSql = `
  SELECT
    EXISTS (SELECT 1 FROM workspace_memberships m
      WHERE m.workspace_id = w.id AND m.user_id = $2) AS "isMember",
    w.created_by = $2 AND NOT EXISTS (SELECT 1 FROM workspace_memberships m
      WHERE m.workspace_id = w.id) AS "isOrphan"
  FROM workspaces w WHERE w.id = $1 FOR UPDATE OF w`

const sameSql = `
  SELECT 1 FROM workspace_memberships m
  JOIN workspace_data_keys k USING (workspace_id, user_id)
  WHERE m.workspace_id = $1 AND m.user_id = $2 AND m.role = 'owner'
    AND k.key_version = $3 AND k.wrapped = $4`
