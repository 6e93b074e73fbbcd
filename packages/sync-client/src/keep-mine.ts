import type { CommonPowerSyncDatabase } from '@powersync/common'
import {
  changesOf,
  encryptTable,
  entityOf,
  isEntityTable,
  localColumns,
  type Entity,
} from '@sealbook/schema'
import { rowAsJson } from './refusals.ts'
import { findProblem, settle, type ProblemRow, type SqlTransaction } from './problems.ts'
import type { Result } from './result.ts'

/** Why the person's change was not made again. */
export type KeepError =
  | { readonly kind: 'unknown-problem' } // settled already
  | { readonly kind: 'not-synced' } // the server's version is not here yet: after the next sync
  | { readonly kind: 'unknown-table' } // no table of this version of the app

/**
 * Makes the person's change again, as a local one: the router seals it on top of the server's
 * version, which the twin holds by now. Fields that the change did not touch stay as they are now.
 * @param nowMs milliseconds since 1970.
 */
export async function keepMine(
  db: CommonPowerSyncDatabase,
  id: number,
  nowMs: number,
): Promise<Result<void, KeepError>> {
  return db.writeTransaction(async (tx): Promise<Result<void, KeepError>> => {
    const problem = await findProblem(tx, id)
    if (problem === null) return { ok: false, error: { kind: 'unknown-problem' } }
    if (!isEntityTable(problem.tbl)) return { ok: false, error: { kind: 'unknown-table' } }
    const entity = entityOf(problem.tbl)
    if (!(await hasServerVersion(tx, entity, problem))) {
      return { ok: false, error: { kind: 'not-synced' } }
    }
    await makeAgain(tx, entity, problem, nowMs)
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
  if (twin === null) return problem.op !== 'DELETE'
  const refused = await tx.getOptional(
    'SELECT 1 FROM upload_problems WHERE tbl = ? AND row_id = ? AND seal = ?',
    [problem.tbl, problem.row_id, twin.seal],
  )
  return refused === null
}

async function makeAgain(
  tx: SqlTransaction,
  entity: Entity,
  { row_id: id, local, base }: ProblemRow,
  nowMs: number,
): Promise<void> {
  const view = `"${entity.table}"`
  if (local === null) {
    await tx.execute(`DELETE FROM ${view} WHERE id = ?`, [id])
    return
  }
  const current = await tx.getOptional<{ json: string }>(
    `SELECT ${rowAsJson(entity)} AS json FROM ${view} WHERE id = ?`,
    [id],
  )
  if (current === null) {
    const names = Object.keys(localColumns(entity))
    await tx.execute(
      `INSERT INTO ${view}(id, ${quoted(names).join(', ')})
        SELECT m.id, ${cellsOf(names).join(', ')} FROM (SELECT ? AS id, ? AS value) AS m`,
      [id, local],
    )
    return
  }
  const mine = await readCells(tx, entity, local)
  const before = base === null ? null : await readCells(tx, entity, base)
  const changes = changesOf(entity, before, mine, await readCells(tx, entity, current.json))
  const names = Object.keys(changes)
  const cells = cellsOf(names)
  const sets = quoted(names).map((column, i) => `${column} = ${cells[i]}`)
  await tx.execute(
    `UPDATE ${view} SET ${[...sets, `updated_at = ${nowMs}`].join(', ')}
      FROM (SELECT ? AS value) AS m WHERE ${view}.id = ?`,
    [local, id],
  )
}

/** As text, which is exact whatever the value's size. */
async function readCells(
  tx: SqlTransaction,
  entity: Entity,
  json: string,
): Promise<Readonly<Record<string, string | null>>> {
  const names = Object.keys(entity.columns)
  const cells = cellsOf(names).map((cell, i) => `CAST(${cell} AS TEXT) AS "${names[i]}"`)
  return tx.get(`SELECT ${cells.join(', ')} FROM (SELECT ? AS value) AS m`, [json])
}

/** What a document `m.value` has in the columns. */
function cellsOf(names: readonly string[]): string[] {
  return names.map((name) => `json_extract(m.value, '$.${name}')`)
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => `"${name}"`)
}
