import type { AbstractPowerSyncDatabase } from '@powersync/common'
import {
  countOwed,
  readBrakes,
  readConflicts,
  readDecisions,
  readOwed,
  readOwedLetGo,
  readRowFaults,
  type Brake,
  type Choice,
  type LocalValues,
  type OwedCounts,
  type OwedRow,
  type RowConflict,
} from '@sealbook/crypto-router'
import { entityOf, isEntityTable, localColumns } from '@sealbook/schema'
import { readDropped, readProblems, type Problem as Refused } from '@sealbook/sync-client'
import { readMisfits } from '../../data/misfits.ts'
import type { ClashCause, OwedCause, Problem, RefusalCause, Version } from './problem-sentence.ts'

/** What the person has decided, and may take back: a conflict, or to drop a refused change. */
export type Decision = {
  /** Milliseconds since 1970. */
  readonly decidedAt: number
} & (
  | {
      readonly kind: 'clash'
      readonly problem: Problem & { readonly cause: ClashCause }
      readonly choice: Choice
    }
  | { readonly kind: 'dropped'; readonly problem: Problem & { readonly cause: RefusalCause } }
  /** The server had its way with a row that it owed. */
  | { readonly kind: 'let-go'; readonly problem: Problem & { readonly cause: OwedCause } }
)

export interface Inbox {
  /** Many deletes that were stopped. */
  readonly brakes: readonly Brake[]
  /** Rows that the server owes, of which only the newest are among the problems. */
  readonly owed: OwedCounts
  /** Everything that needs the person, newest first. */
  readonly problems: readonly Problem[]
  /** The latest decisions, newest first. */
  readonly decisions: readonly Decision[]
}

const shownDecisions = 10
/** After a loss there can be thousands; they are decided together. */
const shownOwed = 50

/** @param userId whose inbox it is. */
export async function loadInbox(db: AbstractPowerSyncDatabase, userId: string): Promise<Inbox> {
  const [brakes, owedCounts, owed, owedLetGo] = await Promise.all([
    readBrakes(db),
    countOwed(db),
    readOwed(db, shownOwed),
    readOwedLetGo(db, shownDecisions),
  ])
  const [refused, dropped, clashes, faults, misfits, decided] = await Promise.all([
    readProblems(db),
    readDropped(db),
    readConflicts(db),
    readRowFaults(db),
    readMisfits(db),
    readDecisions(db),
  ])
  const problems: Promise<Problem>[] = [
    ...refused.map((problem) => toRefusal(db, problem)),
    ...clashes.map((conflict) => Promise.resolve(toProblem(conflict, userId))),
    ...owed.map((row) => Promise.resolve(toOwedProblem(row))),
    ...faults.map(({ table, id, state, reason, seenAt }) =>
      ofRow(
        db,
        table,
        id,
        seenAt,
        state === 'unruly'
          ? { kind: 'unruly', columns: reason.split(' ') }
          : { kind: 'fault', state },
      ),
    ),
    ...misfits.map(({ id, kinds, seenAt }) =>
      ofRow(db, 'transactions', id, seenAt, { kind: 'misfit', misfits: kinds }),
    ),
  ]
  const settled = decided.flatMap((conflict): Decision[] => {
    const { decision } = conflict
    if (decision === null) return []
    const problem = toProblem(conflict, userId)
    return [{ kind: 'clash', problem, choice: decision.choice, decidedAt: decision.at }]
  })
  const letGo = dropped.slice(0, shownDecisions).map(async (problem): Promise<Decision> => ({
    kind: 'dropped',
    problem: await toRefusal(db, problem),
    decidedAt: problem.droppedAt,
  }))
  const followed = owedLetGo.map((row): Decision => ({
    kind: 'let-go',
    problem: toOwedProblem(row),
    decidedAt: row.settledAt ?? 0,
  }))
  const decisions = [...settled, ...followed, ...(await Promise.all(letGo))]
  return {
    brakes,
    owed: owedCounts,
    problems: (await Promise.all(problems)).toSorted((a, b) => b.at - a.at),
    decisions: decisions.toSorted((a, b) => b.decidedAt - a.decidedAt).slice(0, shownDecisions),
  }
}

/** A row that is wrong as it stands, whoever changed it. */
async function ofRow(
  db: AbstractPowerSyncDatabase,
  table: string,
  rowId: string,
  at: number,
  cause: Problem['cause'],
): Promise<Problem> {
  const mine = await readVersion(db, table, rowId)
  return {
    key: `${cause.kind} ${table} ${rowId}`,
    at,
    table,
    rowId,
    cause,
    base: null,
    mine,
    theirs: null,
  }
}

async function toRefusal(
  db: AbstractPowerSyncDatabase,
  { id, at, table, rowId, code, local, base }: Refused,
): Promise<Problem & { readonly cause: RefusalCause }> {
  return {
    key: `refusal ${id}`,
    at,
    table,
    rowId,
    cause: { kind: 'refusal', id, code },
    base: await parseVersion(db, base),
    mine: await parseVersion(db, local),
    theirs: await readVersion(db, table, rowId),
  }
}

function toProblem(
  conflict: RowConflict,
  userId: string,
): Problem & { readonly cause: ClashCause } {
  const { conflictId, table, id, at, fields, base, mine, theirs, authorId } = conflict
  const madeBy = authorId === null ? null : authorId === userId ? 'me' : 'another-member'
  return {
    key: `clash ${conflictId}`,
    at,
    table,
    rowId: id,
    cause: { kind: 'clash', conflictId, table, fields, madeBy },
    base: toVersion(base),
    mine: toVersion(mine),
    theirs: toVersion(theirs),
  }
}

function toOwedProblem(row: OwedRow): Problem & { readonly cause: OwedCause } {
  const { kind: owed, ground, table, id, at, mine, theirs } = row
  return {
    key: `${owed} ${table} ${id}`,
    at,
    table,
    rowId: id,
    cause: { kind: 'owed', owed, ground, table },
    base: null,
    mine: toVersion(mine),
    theirs: toVersion(theirs),
  }
}

function toVersion(values: LocalValues | null): Version | null {
  if (values === null) return null
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === null ? null : String(value)]),
  )
}

/** By SQLite and as text, because JavaScript's JSON rounds integers over 2^53. */
async function parseVersion(
  db: AbstractPowerSyncDatabase,
  json: string | null,
): Promise<Version | null> {
  if (json === null) return null
  const cells = await db.getAll<{ key: string; value: string | null }>(
    'SELECT key, CAST(value AS TEXT) AS value FROM json_each(?)',
    [json],
  )
  return Object.fromEntries(cells.map(({ key, value }) => [key, value]))
}

/** The row as the ledger shows it now. */
async function readVersion(
  db: AbstractPowerSyncDatabase,
  table: string,
  rowId: string,
): Promise<Version | null> {
  if (!isEntityTable(table)) return null
  const cells = Object.keys(localColumns(entityOf(table))).map(
    (name) => `CAST("${name}" AS TEXT) AS "${name}"`,
  )
  return db.getOptional<Version>(`SELECT ${cells.join(', ')} FROM "${table}" WHERE id = ?`, [rowId])
}
