import { randomUUID } from 'node:crypto'
import type pg from 'pg'

/** A person with one workspace and one account in it. */
export interface Owner {
  readonly userId: string
  readonly workspaceId: string
  readonly accountId: string
}

/** Right in form; nobody opens it here. `n` makes them differ, so that nothing compresses well. */
const envelope = (length: number) =>
  `'AQE' || left(${Array.from({ length: Math.ceil(length / 32) }, (_, part) => `md5('${part}' || n)`).join(' || ')}, ${length - 3})`
const sealText = `'AQ' || left(md5('s' || n) || md5('t' || n), 48)`
const shortEnvelope = 104
const noteEnvelope = 147

export async function addOwner(pool: pg.Pool): Promise<Owner> {
  const [userId, workspaceId, accountId] = [randomUUID(), randomUUID(), randomUUID()]
  await pool.query(`INSERT INTO auth_user (id, name, email) VALUES ($1, '', $2)`, [
    userId,
    `${userId}@example.test`,
  ])
  await pool.query('INSERT INTO workspaces (id, created_by) VALUES ($1, $2)', [workspaceId, userId])
  await pool.query(
    `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`,
    [workspaceId, userId],
  )
  await pool.query(
    `INSERT INTO accounts_encrypt (id, workspace_id, created_at, updated_at, type, currency,
       sort_order, name, opening_balance, note, revision, seal)
     SELECT $1, $2, 1, 1, 'checking', 'EUR', 0, ${envelope(shortEnvelope)},
       ${envelope(shortEnvelope)}, ${envelope(shortEnvelope)}, 1, ${sealText}
       FROM (SELECT 1 AS n) AS one`,
    [accountId, workspaceId],
  )
  return { userId, workspaceId, accountId }
}

/** `count` transactions in one statement. */
export async function addTransactions(pool: pg.Pool, owner: Owner, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO transactions_encrypt (id, workspace_id, created_at, updated_at, account_id, kind,
       occurred_on, status, amount, payee, note, revision, seal)
     SELECT gen_random_uuid(), $1, 1790000000000 + n, 1790000000000 + n, $2, 'expense',
       to_char(date '2026-01-01' - n % 1800, 'YYYY-MM-DD'), 'cleared', ${envelope(shortEnvelope)},
       ${envelope(shortEnvelope)}, ${envelope(noteEnvelope)}, 1, ${sealText}
       FROM generate_series(1, $3) AS n`,
    [owner.workspaceId, owner.accountId, count],
  )
}

/** One transaction, committed when this resolves; its id. */
export async function commitOne(pool: pg.Pool, owner: Owner): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO transactions_encrypt (id, workspace_id, created_at, updated_at, account_id, kind,
       occurred_on, status, amount, payee, note, revision, seal)
     SELECT gen_random_uuid(), $1, 1, 1, $2, 'expense', '2026-02-28', 'cleared',
       ${envelope(shortEnvelope)}, ${envelope(shortEnvelope)}, ${envelope(noteEnvelope)}, 1, ${sealText}
       FROM (SELECT floor(random() * 1e9)::text AS n) AS one
     RETURNING id`,
    [owner.workspaceId, owner.accountId],
  )
  const [row] = rows
  if (!row) throw new Error('an insert returns its row')
  return row.id
}

/** Changes every transaction of the workspace, as an edit on a device would. */
export async function editAll(pool: pg.Pool, owner: Owner): Promise<number> {
  const { rowCount } = await pool.query(
    `UPDATE transactions_encrypt SET revision = revision + 1, updated_at = updated_at + 1,
       amount = left(amount, 72) || md5(revision || id::text)
      WHERE workspace_id = $1`,
    [owner.workspaceId],
  )
  return rowCount ?? 0
}
