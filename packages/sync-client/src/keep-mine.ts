import type { CommonPowerSyncDatabase } from '@powersync/common'
import { encryptTable, entityOf, isEntityTable, localColumns, type Entity } from '@sealbook/schema'
import { findProblem, settle, type ProblemRow, type SqlTransaction } from './problems.ts'
import type { Result } from './result.ts'

/** Why the person's version was not written again. */
export type KeepError =
  | { readonly kind: 'unknown-problem' } // settled already
  | { readonly kind: 'not-synced' } // the server's version is not here yet: after the next sync
  | { readonly kind: 'unknown-table' } // no table of this version of the app

/**
 * Has the router count a row's revisions on from at least this one, inside the transaction: a row
 * that was deleted elsewhere is taken again only with a greater revision than its delete.
 */
export type ContinueRevision = (
  tx: SqlTransaction,
  table: string,
  rowId: string,
  revision: number,
) => Promise<void>

/**
 * Writes the person's version again as a local change: the router seals it on top of the server's
 * version, which the twin holds by now, and it is uploaded like any other.
 */
export async function keepMine(
  db: CommonPowerSyncDatabase,
  id: number,
  continueRevision: ContinueRevision,
): Promise<Result<void, KeepError>> {
  return db.writeTransaction(async (tx): Promise<Result<void, KeepError>> => {
    const problem = await findProblem(tx, id)
    if (problem === null) return { ok: false, error: { kind: 'unknown-problem' } }
    if (!isEntityTable(problem.tbl)) return { ok: false, error: { kind: 'unknown-table' } }
    const entity = entityOf(problem.tbl)
    if (!(await hasServerVersion(tx, entity, problem))) {
      return { ok: false, error: { kind: 'not-synced' } }
    }
    if (problem.deleted_revision !== null) {
      await continueRevision(tx, problem.tbl, problem.row_id, problem.deleted_revision)
    }
    await writeLocalRow(tx, entity, problem.row_id, problem.local)
    await settle(tx, id)
    return { ok: true, value: undefined }
  })
}

/**
 * The server's rows are held back while changes are queued, and until the next checkpoint after
 * that the twin still holds what was refused.
 */
async function hasServerVersion(
  tx: SqlTransaction,
  entity: Entity,
  problem: ProblemRow,
): Promise<boolean> {
  const queued = await tx.getOptional('SELECT 1 FROM ps_crud LIMIT 1')
  if (queued !== null) return false
  const twin = await tx.getOptional<{ seal: string | null }>(
    `SELECT seal FROM "${encryptTable(entity)}" WHERE id = ?`,
    [problem.row_id],
  )
  if (twin === null) return problem.op !== 'DELETE' || isGone(problem)
  const refused = await tx.getOptional(
    'SELECT 1 FROM upload_problems WHERE tbl = ? AND row_id = ? AND seal = ?',
    [problem.tbl, problem.row_id, twin.seal],
  )
  return refused === null
}

/** The server told that it has no such row. */
function isGone({ current, current_told }: ProblemRow): boolean {
  return current_told === 1 && current === null
}

async function writeLocalRow(
  tx: SqlTransaction,
  entity: Entity,
  id: string,
  json: string | null,
): Promise<void> {
  const view = `"${entity.table}"`
  if (json === null) {
    await tx.execute(`DELETE FROM ${view} WHERE id = ?`, [id])
    return
  }
  const names = Object.keys(localColumns(entity))
  const values = names.map((name) => `json_extract(m.value, '$.${name}')`)
  const columns = names.map((name) => `"${name}"`)
  const row = await tx.getOptional(`SELECT 1 FROM ${view} WHERE id = ?`, [id])
  if (row === null) {
    await tx.execute(
      `INSERT INTO ${view}(id, ${columns.join(', ')})
        SELECT m.id, ${values.join(', ')} FROM (SELECT ? AS id, ? AS value) AS m`,
      [id, json],
    )
    return
  }
  await tx.execute(
    `UPDATE ${view} SET ${columns.map((column, i) => `${column} = ${values[i]}`).join(', ')}
      FROM (SELECT ? AS value) AS m WHERE ${view}.id = ?`,
    [json, id],
  )
}
