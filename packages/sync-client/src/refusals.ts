import type { CommonPowerSyncDatabase } from '@powersync/common'
import {
  encryptTable,
  entities,
  localColumns,
  type Entity,
  type EntityTable,
} from '@sealbook/schema'
import type { AcknowledgedChange, ConflictingChange } from '@sealbook/schema/upload'
import type { MergedOperation } from './merge.ts'
import type { RefusedOperation } from './post.ts'
import type { SqlTransaction } from './problems.ts'

/** What the crypto router knows of the changes that it sealed, and does with them. */
export interface SealedChanges {
  /** Merges the change with the server's row once that is here. To be repeatable. */
  takeBack(tx: SqlTransaction, change: ConflictingChange): Promise<void>
  /** Remembers what the server says it has stored until sync brings it back. To be repeatable. */
  acknowledge(tx: SqlTransaction, changes: readonly AcknowledgedChange[], at: number): Promise<void>
  /** JSON text of the plaintext row that a change was made on; null when there was none. */
  findBase(
    tx: SqlTransaction,
    table: string,
    rowId: string,
    baseSeal: string | null,
  ): Promise<string | null>
}

/** What became of a transaction of the queue: all of its operations, and those refused for good. */
export interface UploadAnswer {
  readonly operations: readonly MergedOperation[]
  readonly refused: readonly RefusedOperation[]
}

/**
 * Keeps receipts for what the server says it has stored, hands conflicts back to the router, and
 * keeps the other refusals as problems. The operations are still queued, so a crash right after
 * brings them here once more: the entry's id makes that harmless, even when the person has settled
 * one meanwhile.
 */
export async function recordAnswer(
  db: CommonPowerSyncDatabase,
  { operations, refused }: UploadAnswer,
  at: number,
  changes: SealedChanges,
): Promise<void> {
  const refusedIds = new Set(refused.map(({ entryId }) => entryId))
  const acknowledged = operations
    .filter(({ entryId }) => !refusedIds.has(entryId))
    .flatMap(toAcknowledged)
  await db.writeTransaction(async (tx) => {
    await changes.acknowledge(tx, acknowledged, at)
    if (refused.length === 0) return
    await tx.execute(
      `DELETE FROM upload_problems
        WHERE settled = 1 AND dropped_at IS NULL AND id < (SELECT coalesce(min(id), 9e18) FROM ps_crud)`,
    )
    for (const each of refused) {
      const entity = entityOfTwin(each.operation.table)
      if (each.refusal.code === 'conflict' && entity !== undefined) {
        await changes.takeBack(tx, conflictOf(entity.table, each))
      } else {
        await recordProblem(tx, entity, each, at, changes)
      }
    }
  })
}

/** None of a table that this version of the app lacks. */
function toAcknowledged({ operation }: MergedOperation): AcknowledgedChange[] {
  const entity = entityOfTwin(operation.table)
  if (entity === undefined) return []
  const { id: rowId, data, previous } = operation
  const seal = textOrNull(data?.['seal'])
  const revision = seal === null ? (previous?.revision ?? 0) + 1 : Number(data?.['revision'])
  return [{ table: entity.table, rowId, seal, revision }]
}

function conflictOf(
  table: EntityTable,
  { operation, refusal }: RefusedOperation,
): ConflictingChange {
  return {
    table,
    rowId: operation.id,
    baseSeal: baseSealOf(operation),
    seal: textOrNull(operation.data?.['seal']),
    isGone: refusal.current === null,
    deletedRevision: refusal.deletedRevision,
  }
}

async function recordProblem(
  tx: SqlTransaction,
  entity: (Entity & { readonly table: EntityTable }) | undefined,
  { entryId, operation, refusal }: RefusedOperation,
  at: number,
  changes: SealedChanges,
): Promise<void> {
  const base =
    entity === undefined
      ? null
      : await changes.findBase(tx, entity.table, operation.id, baseSealOf(operation))
  await tx.execute(
    `INSERT OR IGNORE INTO upload_problems(id, at, tbl, row_id, op, code, detail, seal, local, base)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      entryId,
      at,
      entity?.table ?? operation.table,
      operation.id,
      operation.op,
      refusal.code,
      refusal.detail,
      textOrNull(operation.data?.['seal']),
      entity === undefined ? null : await readLocalRow(tx, entity, operation.id),
      base,
    ],
  )
}

function baseSealOf({ previous }: RefusedOperation['operation']): string | null {
  return previous?.seal ?? null
}

function entityOfTwin(twin: string) {
  return entities.find((entity) => encryptTable(entity) === twin)
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

async function readLocalRow(
  tx: SqlTransaction,
  entity: Entity,
  id: string,
): Promise<string | null> {
  const row = await tx.getOptional<{ json: string }>(
    `SELECT ${rowAsJson(entity)} AS json FROM "${entity.table}" WHERE id = ?`,
    [id],
  )
  return row?.json ?? null
}

/** SQL of a row's document: by SQLite, because JavaScript's JSON rounds integers over 2^53. */
export function rowAsJson(entity: Entity): string {
  const cells = Object.keys(localColumns(entity)).map((name) => `'${name}', "${name}"`)
  return `json_object(${cells.join(', ')})`
}
