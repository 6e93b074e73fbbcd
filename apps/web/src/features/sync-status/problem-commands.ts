import type { AbstractPowerSyncDatabase } from '@powersync/common'
import {
  answerBrake,
  bothOf,
  decideOwed,
  decideOwedOfKind,
  resolveConflict,
  undoDecision,
  undoOwed,
  type Brake,
  type BrakeAnswer,
  type Choice,
  type OwedChoice,
  type OwedKind,
} from '@sealbook/crypto-router'
import { dropProblem, keepMine, reviseProblem, undropProblem } from '@sealbook/sync-client'
import type { DraftCells } from './draft-fields.ts'
import type { ClashCause, OwedCause, Problem } from './problem-sentence.ts'

/** Decides a conflict, or only some of its fields: columns, whole fields. */
export async function decideClash(
  db: AbstractPowerSyncDatabase,
  { conflictId }: ClashCause,
  choice: Choice,
  fields?: readonly string[],
): Promise<void> {
  await resolveConflict(db, conflictId, choice, Date.now(), fields)
}

/** Takes a decision back. */
export async function undecideClash(
  db: AbstractPowerSyncDatabase,
  { conflictId }: ClashCause,
): Promise<void> {
  await undoDecision(db, conflictId, Date.now())
}

/** Whether a refused change was made again; `not-synced` asks to wait for the stored row. */
export async function retryRefused(
  db: AbstractPowerSyncDatabase,
  refusalId: number,
): Promise<'done' | 'not-synced'> {
  const kept = await keepMine(db, refusalId, Date.now())
  return !kept.ok && kept.error.kind === 'not-synced' ? 'not-synced' : 'done'
}

/** Changes what the person wants, and tries that. */
export async function reviseRefused(
  db: AbstractPowerSyncDatabase,
  refusalId: number,
  cells: DraftCells,
): Promise<'done' | 'not-synced'> {
  await reviseProblem(db, refusalId, cells)
  return retryRefused(db, refusalId)
}

export async function dropRefused(db: AbstractPowerSyncDatabase, refusalId: number): Promise<void> {
  await dropProblem(db, refusalId, Date.now())
}

/** Takes a dropped change up again. */
export async function undropRefused(
  db: AbstractPowerSyncDatabase,
  refusalId: number,
): Promise<void> {
  await undropProblem(db, refusalId)
}

/** Whose version of a row stays that the server owes: what is here is sent again, or the server's taken. */
export async function decideOwing(
  db: AbstractPowerSyncDatabase,
  { table }: OwedCause,
  rowId: string,
  choice: OwedChoice,
): Promise<void> {
  await decideOwed(db, table, rowId, choice, Date.now())
}

/** The same for all rows of that kind. */
export async function decideAllOwing(
  db: AbstractPowerSyncDatabase,
  kind: OwedKind,
  choice: OwedChoice,
): Promise<void> {
  await decideOwedOfKind(db, kind, choice, Date.now())
}

/** The row is here again as it was before the server had its way. */
export async function undecideOwing(
  db: AbstractPowerSyncDatabase,
  { table }: OwedCause,
  rowId: string,
): Promise<void> {
  await undoOwed(db, table, rowId)
}

/** Lets many deletes go on that were stopped, or keeps the rows. */
export async function answerStopped(
  db: AbstractPowerSyncDatabase,
  brake: Brake,
  answer: BrakeAnswer,
): Promise<void> {
  await answerBrake(db, brake, answer)
}

/** Whether one value can have both versions of all these columns, as a note can. */
export function canKeepBoth(
  { mine, theirs }: Problem,
  { table }: ClashCause,
  columns: readonly string[],
): boolean {
  if (mine === null || theirs === null) return false
  return columns.every(
    (name) =>
      (mine[name] ?? null) === (theirs[name] ?? null) ||
      bothOf(table, name, mine, theirs) !== undefined,
  )
}
