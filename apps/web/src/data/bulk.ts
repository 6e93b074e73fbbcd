import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { EntityTable } from '@sealbook/schema'
import { updateRow, writeRows, type NewRow, type RowChanges, type RowError } from './rows.ts'
import type { Result } from './session-types.ts'

/** What stopped it, and the rows before that, which stay. */
export interface BulkError {
  readonly breach: RowError
  readonly done: readonly string[]
}

/** A task of this many rows is short enough for every frame, and the screen reads in between. */
const writtenRows = 200
const changedRows = 100

type Database = Pick<AbstractPowerSyncDatabase, 'writeTransaction'>

/** Writes any number of new rows, as an import does, without holding up the screen; their ids. */
export async function writeManyRows<T extends EntityTable>(
  db: Database,
  table: T,
  rows: readonly NewRow<T>[],
  nowMs: number = Date.now(),
): Promise<Result<readonly string[], BulkError>> {
  return inSteps(rows, writtenRows, (step) =>
    db.writeTransaction((tx) => writeRows(tx, table, step, nowMs)),
  )
}

/** Makes the same changes to any number of rows, likewise; their ids. */
export async function updateManyRows<T extends EntityTable>(
  db: Database,
  table: T,
  ids: readonly string[],
  changes: RowChanges<T>,
  nowMs: number = Date.now(),
): Promise<Result<readonly string[], BulkError>> {
  return inSteps(ids, changedRows, (step) =>
    db.writeTransaction(async (tx) => {
      const done: string[] = []
      for (const id of step) {
        const changed = await updateRow(tx, table, id, changes, nowMs)
        if (!changed.ok) {
          // All or none of a step, as of a statement.
          await tx.rollback()
          return changed
        }
        done.push(id)
      }
      return { ok: true, value: done }
    }),
  )
}

async function inSteps<Item>(
  items: readonly Item[],
  size: number,
  run: (step: readonly Item[]) => Promise<Result<readonly string[], RowError>>,
): Promise<Result<readonly string[], BulkError>> {
  const done: string[] = []
  for (let start = 0; start < items.length; start += size) {
    const result = await run(items.slice(start, start + size))
    if (!result.ok) return { ok: false, error: { breach: result.error, done } }
    done.push(...result.value)
  }
  return { ok: true, value: done }
}
