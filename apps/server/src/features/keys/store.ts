import type pg from 'pg'
import { inTransaction, sqlState, type Queryable } from '../../plugins/database.ts'
import type { Keys, KeySlot } from './schemas.ts'

const uniqueViolation = '23505'

/** Everything that a device needs in order to unlock, apart from the person's secret. */
export async function readKeys(pool: Queryable, userId: string): Promise<Keys> {
  const [slots, workspaces] = await Promise.all([
    pool.query<{ slot: KeySlot }>(slotsSql, [userId]),
    pool.query<Keys['workspaces'][number]>(workspacesSql, [userId]),
  ])
  return { slots: slots.rows.map((row) => row.slot), workspaces: workspaces.rows }
}

/** Stores a person's first slots. `keys-exist` when there are any: keys are never made twice. */
export async function createSlots(
  pool: pg.Pool,
  userId: string,
  slots: readonly KeySlot[],
): Promise<'created' | 'keys-exist'> {
  try {
    return await inTransaction(pool, async (client) => {
      const existing = await client.query('SELECT 1 FROM key_slots WHERE user_id = $1 LIMIT 1', [
        userId,
      ])
      if (existing.rowCount !== 0) return 'keys-exist'
      for (const slot of slots) await client.query(insertSlotSql, slotValues(userId, slot))
      return 'created'
    })
  } catch (error) {
    // Two devices at once: the unique kind lets one through.
    if (sqlState(error) === uniqueViolation) return 'keys-exist'
    throw error
  }
}

/** Compare-and-set. The same call again, after a lost answer, is `replaced` too. */
export async function replaceSlot(
  pool: pg.Pool,
  userId: string,
  slot: KeySlot,
): Promise<'replaced' | 'version-conflict' | 'not-found'> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ slot: KeySlot }>(`${slotsSql} AND id = $2 FOR UPDATE`, [
      userId,
      slot.id,
    ])
    const stored = rows[0]?.slot
    if (stored?.kind !== slot.kind) return 'not-found'
    if (stored.version === slot.version && stored.wrapped === slot.wrapped) return 'replaced'
    if (stored.version !== slot.version - 1) return 'version-conflict'
    await client.query(updateSlotSql, slotValues(userId, slot))
    return 'replaced'
  })
}

/** Where the account has no slot of that kind. The same call again is `replaced` too. */
export async function putMissingSlot(
  pool: Queryable,
  userId: string,
  slot: KeySlot,
): Promise<'replaced' | 'version-conflict'> {
  const inserted = await pool.query(
    `${insertSlotSql} ON CONFLICT DO NOTHING`,
    slotValues(userId, slot),
  )
  if (inserted.rowCount === 1) return 'replaced'
  const { rows } = await pool.query<{ slot: KeySlot }>(`${slotsSql} AND id = $2`, [userId, slot.id])
  const stored = rows[0]?.slot
  const isSame = stored?.kind === slot.kind && stored.wrapped === slot.wrapped
  return isSame ? 'replaced' : 'version-conflict'
}

function slotValues(userId: string, slot: KeySlot): unknown[] {
  const { id, kind, kdf, wrapped, version } = slot
  const params = [kdf?.algorithm, kdf?.memoryKiB, kdf?.passes, kdf?.salt]
  return [userId, id, kind, wrapped, version, ...params.map((value) => value ?? null)]
}

const slotsSql = `
  SELECT json_build_object(
    'id', id, 'kind', kind, 'wrapped', wrapped, 'version', version,
    'kdf', CASE WHEN kdf_salt IS NOT NULL THEN json_build_object(
      'algorithm', kdf_algorithm, 'memoryKiB', kdf_memory_kib,
      'passes', kdf_passes, 'salt', kdf_salt) END
  ) AS slot
  FROM key_slots WHERE user_id = $1`

const insertSlotSql = `
  INSERT INTO key_slots (user_id, id, kind, wrapped, version,
    kdf_algorithm, kdf_memory_kib, kdf_passes, kdf_salt)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

const updateSlotSql = `
  UPDATE key_slots SET wrapped = $4, version = $5, kdf_algorithm = $6, kdf_memory_kib = $7,
    kdf_passes = $8, kdf_salt = $9, updated_at = now()
  WHERE user_id = $1 AND id = $2 AND kind = $3`

const workspacesSql = `
  SELECT m.workspace_id AS "workspaceId", m.role,
    coalesce(
      json_agg(json_build_object('keyVersion', k.key_version, 'wrapped', k.wrapped)
        ORDER BY k.key_version) FILTER (WHERE k.key_version IS NOT NULL),
      '[]') AS "dataKeys"
  FROM workspace_memberships m
  LEFT JOIN workspace_data_keys k USING (workspace_id, user_id)
  WHERE m.user_id = $1
  GROUP BY m.workspace_id, m.role
  ORDER BY m.workspace_id`
