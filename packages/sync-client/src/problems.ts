import type { CommonPowerSyncDatabase } from '@powersync/common'
import { undoableMs } from '@sealbook/schema'

/**
 * A change of the person's that the server will not take as it is, for another reason than a
 * conflict. It stays until they decide.
 */
export interface Problem {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Plaintext table's name. */
  readonly table: string
  readonly rowId: string
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  /** A refusal code of the upload, for instance `forbidden`. */
  readonly code: string
  readonly detail: string
  /**
   * JSON text of the person's row in plaintext, as it was when the server refused it; null when it
   * was deleted here. Its integers have up to 19 digits: read amounts with SQLite or as text.
   */
  readonly local: string | null
  /** The same of the row that the change was made on; null for a new row. */
  readonly base: string | null
}

/** The part of a PowerSync transaction that is used here. */
export type SqlTransaction = Parameters<
  Parameters<CommonPowerSyncDatabase['writeTransaction']>[0]
>[0]

/** Creates the table of problems if it is missing. Call it at every open. */
export async function installProblems(db: CommonPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    await tx.execute(
      `CREATE TABLE IF NOT EXISTS upload_problems(
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tbl TEXT NOT NULL, row_id TEXT NOT NULL,
        op TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, seal TEXT, local TEXT,
        base TEXT, settled INTEGER NOT NULL DEFAULT 0, dropped_at INTEGER)`,
    )
    await adoptOlderTable(tx)
  })
}

/** An earlier version of the app kept conflicts here too, no base, and nothing that was dropped. */
async function adoptOlderTable(tx: SqlTransaction): Promise<void> {
  const columns = await tx.getAll<{ name: string }>(
    `SELECT name FROM pragma_table_info('upload_problems')`,
  )
  const names = columns.map(({ name }) => name)
  for (const name of ['mine', 'current', 'current_told', 'deleted_revision']) {
    if (names.includes(name)) await tx.execute(`ALTER TABLE upload_problems DROP COLUMN ${name}`)
  }
  for (const [name, type] of [
    ['base', 'TEXT'],
    ['dropped_at', 'INTEGER'],
  ] as const) {
    if (names.includes(name)) continue
    await tx.execute(`ALTER TABLE upload_problems ADD COLUMN ${name} ${type}`)
  }
}

/** Newest first. */
export async function readProblems(db: CommonPowerSyncDatabase): Promise<Problem[]> {
  const rows = await db.getAll<ProblemRow>(
    'SELECT * FROM upload_problems WHERE settled = 0 ORDER BY id DESC',
  )
  return rows.map(toProblem)
}

export async function countProblems(db: Pick<CommonPowerSyncDatabase, 'get'>): Promise<number> {
  const { problems } = await db.get<{ problems: number }>(
    'SELECT count(*) AS problems FROM upload_problems WHERE settled = 0',
  )
  return problems
}

/** A change that the person let go of, and may take up again. */
export interface DroppedProblem extends Problem {
  /** Milliseconds since 1970. */
  readonly droppedAt: number
}

/** Those that were dropped within the last weeks, the latest first. */
export async function readDropped(db: CommonPowerSyncDatabase): Promise<DroppedProblem[]> {
  const rows = await db.getAll<ProblemRow & { readonly dropped_at: number }>(
    'SELECT * FROM upload_problems WHERE dropped_at IS NOT NULL ORDER BY dropped_at DESC, id DESC',
  )
  return rows.map((row) => ({ ...toProblem(row), droppedAt: row.dropped_at }))
}

/** The person lets go of their version: the server's stays. `undropProblem` takes it back. */
export async function dropProblem(
  db: CommonPowerSyncDatabase,
  id: number,
  nowMs: number,
): Promise<void> {
  await db.writeTransaction(async (tx) => {
    await tx.execute(
      'UPDATE upload_problems SET settled = 1, dropped_at = ? WHERE id = ? AND settled = 0',
      [nowMs, id],
    )
    await tx.execute(
      `UPDATE upload_problems SET local = NULL, base = NULL, dropped_at = NULL
        WHERE dropped_at < ?`,
      [nowMs - undoableMs],
    )
  })
}

/** The change waits for the person again. Without such a one nothing happens. */
export async function undropProblem(db: CommonPowerSyncDatabase, id: number): Promise<void> {
  await db.execute(
    `UPDATE upload_problems SET settled = 0, dropped_at = NULL
      WHERE id = ? AND dropped_at IS NOT NULL`,
    [id],
  )
}

/**
 * Changes what the person wants the row to be: the change is a draft until the server takes it.
 * @param cells plaintext columns, checked by the caller.
 */
export async function reviseProblem(
  db: CommonPowerSyncDatabase,
  id: number,
  cells: Readonly<Record<string, string | bigint | null>>,
): Promise<void> {
  const entries = Object.entries(cells)
  if (entries.length === 0) return
  const sets = entries.map(([name]) => `, '$.${name}', ?`).join('')
  await db.execute(
    `UPDATE upload_problems SET local = json_set(local${sets})
      WHERE id = ? AND settled = 0 AND local IS NOT NULL`,
    [...entries.map(([, value]) => value), id],
  )
}

export interface ProblemRow {
  readonly id: number
  readonly at: number
  readonly tbl: string
  readonly row_id: string
  readonly op: Problem['op']
  readonly code: string
  readonly detail: string
  readonly local: string | null
  readonly base: string | null
}

export async function findProblem(tx: SqlTransaction, id: number): Promise<ProblemRow | null> {
  return tx.getOptional<ProblemRow>('SELECT * FROM upload_problems WHERE id = ? AND settled = 0', [
    id,
  ])
}

/** The id stays until its entry has left the queue; what the person typed goes. */
export async function settle(tx: SqlTransaction, id: number): Promise<void> {
  await tx.execute(
    'UPDATE upload_problems SET settled = 1, local = NULL, base = NULL WHERE id = ?',
    [id],
  )
}

function toProblem(row: ProblemRow): Problem {
  const { id, at, op, code, detail, local, base } = row
  return { id, at, table: row.tbl, rowId: row.row_id, op, code, detail, local, base }
}
