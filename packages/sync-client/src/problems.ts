import type { CommonPowerSyncDatabase } from '@powersync/common'
import { encryptTable, entities, localColumns, type Entity } from '@sealbook/schema'
import type { RefusedOperation } from './post.ts'

/** A change of the person's that the server did not take. Both versions stay until they decide. */
export interface Problem {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Plaintext table's name. */
  readonly table: string
  readonly rowId: string
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  /** A refusal code of the upload, for instance `conflict` or `forbidden`. */
  readonly code: string
  readonly detail: string
  /** What was sent: visible columns and envelopes. Null for a delete. */
  readonly mine: Readonly<Record<string, unknown>> | null
  /** With `conflict`: the server's row, sealed; null when it was deleted or not told. */
  readonly current: Readonly<Record<string, unknown>> | null
  /**
   * JSON text of the person's row in plaintext, as it was when the server refused it; null when it
   * was deleted here. Its integers have up to 19 digits: read amounts with SQLite or as text.
   */
  readonly local: string | null
}

/** The part of a PowerSync transaction that is used here. */
export type SqlTransaction = Parameters<
  Parameters<CommonPowerSyncDatabase['writeTransaction']>[0]
>[0]

/** Creates the table of problems if it is missing. Call it at every open. */
export async function installProblems(db: CommonPowerSyncDatabase): Promise<void> {
  await db.execute(
    `CREATE TABLE IF NOT EXISTS upload_problems(
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tbl TEXT NOT NULL, row_id TEXT NOT NULL,
      op TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, mine TEXT, seal TEXT, current TEXT,
      current_told INTEGER NOT NULL, deleted_revision INTEGER, local TEXT,
      settled INTEGER NOT NULL DEFAULT 0)`,
  )
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

/** The person lets go of their version: the server's stays. */
export async function dismissProblem(db: CommonPowerSyncDatabase, id: number): Promise<void> {
  await db.writeTransaction((tx) => settle(tx, id))
}

/**
 * Keeps refused operations. They are still queued, so a crash right after brings them here once
 * more: the entry's id makes that harmless, even when the person has settled one meanwhile.
 */
export async function recordProblems(
  db: CommonPowerSyncDatabase,
  refused: readonly RefusedOperation[],
  at: number,
): Promise<void> {
  await db.writeTransaction(async (tx) => {
    await tx.execute(
      `DELETE FROM upload_problems
        WHERE settled = 1 AND id < (SELECT coalesce(min(id), 9e18) FROM ps_crud)`,
    )
    for (const { entryId, operation, refusal } of refused) {
      const entity = entityOfTwin(operation.table)
      await tx.execute(
        `INSERT OR IGNORE INTO upload_problems(id, at, tbl, row_id, op, code, detail, mine, seal,
          current, current_told, deleted_revision, local)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          entryId,
          at,
          entity?.table ?? operation.table,
          operation.id,
          operation.op,
          refusal.code,
          refusal.detail,
          operation.data ? JSON.stringify(operation.data) : null,
          textOrNull(operation.data?.['seal']),
          refusal.current ? JSON.stringify(refusal.current) : null,
          refusal.current === undefined ? 0 : 1,
          refusal.deletedRevision,
          entity === undefined ? null : await readLocalRow(tx, entity, operation.id),
        ],
      )
    }
  })
}

export interface ProblemRow {
  readonly id: number
  readonly at: number
  readonly tbl: string
  readonly row_id: string
  readonly op: Problem['op']
  readonly code: string
  readonly detail: string
  readonly mine: string | null
  readonly current: string | null
  readonly current_told: number
  readonly deleted_revision: number | null
  readonly local: string | null
}

export async function findProblem(tx: SqlTransaction, id: number): Promise<ProblemRow | null> {
  return tx.getOptional<ProblemRow>('SELECT * FROM upload_problems WHERE id = ? AND settled = 0', [
    id,
  ])
}

/** The id stays until its entry has left the queue; what the person typed goes. */
export async function settle(tx: SqlTransaction, id: number): Promise<void> {
  await tx.execute(
    `UPDATE upload_problems SET settled = 1, mine = NULL, current = NULL, local = NULL
      WHERE id = ?`,
    [id],
  )
}

function entityOfTwin(twin: string): Entity | undefined {
  return entities.find((entity) => encryptTable(entity) === twin)
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** By SQLite, because JavaScript's JSON rounds integers over 2^53. */
async function readLocalRow(
  tx: SqlTransaction,
  entity: Entity,
  id: string,
): Promise<string | null> {
  const cells = Object.keys(localColumns(entity)).map((name) => `'${name}', "${name}"`)
  const row = await tx.getOptional<{ json: string }>(
    `SELECT json_object(${cells.join(', ')}) AS json FROM "${entity.table}" WHERE id = ?`,
    [id],
  )
  return row?.json ?? null
}

function toProblem(row: ProblemRow): Problem {
  const { id, at, op, code, detail, local } = row
  return {
    id,
    at,
    table: row.tbl,
    rowId: row.row_id,
    op,
    code,
    detail,
    mine: parseRecord(row.mine),
    current: parseRecord(row.current),
    local,
  }
}

function parseRecord(json: string | null): Readonly<Record<string, unknown>> | null {
  return json === null ? null : (JSON.parse(json) as Record<string, unknown>)
}
