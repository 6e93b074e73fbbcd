import { entityOf, isEdited } from '@sealbook/schema'
import { judgeArrival, type Arrived } from './arrivals.ts'
import { clearFindings, recordFindings, type Finding } from './faults.ts'
import { recordClashes } from './conflicts.ts'
import { nextInTable, removeNotes, setNotesAside, type InWait } from './journal.ts'
import {
  completeLocalRows,
  deleteLocalRows,
  manyRows,
  upsertLocalRows,
  upsertManyLocalRows,
} from './layout.ts'
import { endBreak, noticeBreak } from './lives.ts'
import { mergeContested, type Contested, type Shown } from './merge-step.ts'
import { recordOwed, type OwedFinding } from './owed-findings.ts'
import { removeOwed } from './receipts.ts'
import { encodeLocalRow, type OpenedRow } from './rows.ts'
import { rememberDeleted, rememberSeen } from './seen.ts'
import type { RowShape, ShapeColumn } from './shapes.ts'
import type { SqlTransaction } from './sql.ts'
import { readTwins, type Twin, type TwinOpener } from './twins.ts'
import { clearUnruly, judgeRow, recordUnruly, type CheckRow, type UnrulyRow } from './unruly.ts'

export interface OpenOutcome {
  /** Notes that were taken off the journal or put aside. */
  readonly handled: number
  readonly opened: number
}

export interface OpenLimits {
  /** Rows a bulk statement. */
  readonly stepRows: number
  /** Rows in all. */
  readonly rows: number
  /** Asked after each step that has another one after it in its table. */
  readonly isOver?: () => boolean
}

/**
 * Mirrors changed twins to the plaintext tables, as the twins are now: parents first, then newest
 * first. Rows that do not prove sound are recorded and change nothing; those that break a rule are
 * recorded too. To be called inside one write transaction. While the rows of a step are opened here,
 * SQLite reads the next ones, and writes the ones before: statements of one transaction run in the
 * order in which they were asked for, so they need not be waited for one by one. What was read and
 * is left to the next transaction is opened while this one is committed.
 */
export async function openTwins(
  tx: SqlTransaction,
  opener: TwinOpener,
  limits: OpenLimits,
  now: number,
  checkRow?: CheckRow,
): Promise<OpenOutcome> {
  const { stepRows, rows, isOver } = limits
  let handled = 0
  let opened = 0
  let isEnough = false
  let table = await nextInTable(tx)
  if (table === null) return { handled, opened }
  const isBroken = await noticeBreak(tx, now)
  // The router's own plaintext writes are nobody's change: deaf for the length of this.
  const writes = new Statements(tx.execute('UPDATE router_control SET mute = 1'))
  while (table !== null && !isEnough) {
    const { shape, hasFaults, hasOwed } = table
    const isDoubted = hasOwed || isBroken
    let twins: readonly Twin[] = await readTwins(tx, shape, stepRows, 0, hasOwed, isDoubted)
    while (twins.length > 0 && !isEnough) {
      handled += twins.length
      const isLast = twins.length < stepRows
      const next = isLast
        ? []
        : heard(readTwins(tx, shape, stepRows, twins.length, hasOwed, isDoubted))
      const batch = openBatch(opener, shape, twins, checkRow, isBroken)
      opened += batch.opened.length
      const { shown, clashes } = await mergeContested(tx, shape, batch.contested)
      await recordClashes(tx, shape.table, clashes, now)
      await writes.ended()
      writes.add(writeBatch(tx, batch, shown, hasFaults, now))
      twins = await next
      isEnough = handled >= rows || (!isLast && isOver?.() === true)
    }
    if (isEnough) opener.openAhead(shape, twins)
    else table = await nextInTable(tx)
  }
  writes.add([tx.execute('UPDATE router_control SET mute = 0')])
  await writes.ended()
  if (isBroken) await endBreak(tx)
  return { handled, opened }
}

/** Statements that were asked for and not waited for. */
class Statements {
  #running: Promise<unknown>

  constructor(first: Promise<unknown>) {
    this.#running = heard(first)
  }

  add(statements: readonly Promise<unknown>[]): void {
    this.#running = heard(Promise.all([this.#running, ...statements]))
  }

  /** @throws what the first of them that failed threw. */
  async ended(): Promise<void> {
    await this.#running
  }
}

/** Whoever waits for it hears of its failure; until then nobody is missing. */
function heard<T>(running: Promise<T>): Promise<T> {
  running.catch(() => undefined)
  return running
}

interface Opened {
  readonly id: string
  readonly row: OpenedRow
  readonly json: string
}

interface OpenBatch {
  readonly shape: RowShape
  readonly opened: readonly Opened[]
  readonly gone: readonly string[]
  readonly findings: readonly Finding[]
  readonly unruly: readonly UnrulyRow[]
  /** Sound or gone, and changed here too. */
  readonly contested: readonly Contested[]
  /** Opened again as they were and changed here since: nothing to merge. `json` is the new columns. */
  readonly completed: readonly Opened[]
  /** Not followed: what is here stays, and the person is asked. */
  readonly owed: readonly OwedFinding[]
  /** The server has again what it owed. */
  readonly redeemed: readonly string[]
}

function openBatch(
  opener: TwinOpener,
  shape: RowShape,
  twins: readonly Twin[],
  checkRow: CheckRow | undefined,
  isBroken: boolean,
): OpenBatch {
  const opened: Opened[] = []
  const gone: string[] = []
  const findings: Finding[] = []
  const unruly: UnrulyRow[] = []
  const contested: Contested[] = []
  const completed: Opened[] = []
  const owed: OwedFinding[] = []
  const redeemed: string[] = []
  const isFollowed = (twin: Twin, row: OpenedRow | null) => {
    const { id } = twin
    const verdict = judgeArrival(twin, row === null ? null : arrivedOf(shape, twin, row), isBroken)
    switch (verdict.kind) {
      case 'accept':
        if (verdict.redeems) redeemed.push(id)
        return true
      case 'rolled-back': {
        const workspace = row?.values['workspace_id']
        const workspaceId = typeof workspace === 'string' ? workspace : null
        findings.push({ id, workspaceId, state: 'tampered', reason: 'rolled-back' })
        return false
      }
      case 'lost':
      case 'returned':
      case 'forked':
        if (hasNothingToLose(twin) && verdict.kind !== 'returned') {
          if (twin.owed !== null) redeemed.push(id)
          return true
        }
        owed.push({ id, verdict, theirs: row })
        return false
    }
  }
  for (const twin of twins) {
    if (twin.data === null) {
      if (!isFollowed(twin, null)) continue
      gone.push(twin.id)
      if (twin.changedHere) contested.push({ id: twin.id, theirs: null, authorId: null })
    } else {
      const row = opener.open(shape, twin.id, twin.data)
      if ('state' in row) {
        findings.push(row)
        continue
      }
      if (!isFollowed(twin, row)) continue
      if (twin.changedHere && (row.seal === twin.seenSeal || row.seal === twin.held)) {
        const added = columnsSince(shape, twin.seenExtra)
        completed.push({ id: twin.id, row, json: encodeLocalRow({ columns: added }, row.values) })
        continue
      }
      opened.push({ id: twin.id, row, json: encodeLocalRow(shape, row.values) })
      const broken = judgeRow(checkRow, shape.table, twin.id, row.values)
      if (broken !== undefined) unruly.push(broken)
      if (twin.changedHere) {
        contested.push({ id: twin.id, theirs: row.values, authorId: row.authorId })
      }
    }
  }
  return { shape, opened, gone, findings, unruly, contested, completed, owed, redeemed }
}

function arrivedOf(shape: RowShape, { here }: Twin, row: OpenedRow): Arrived {
  const { revision, seal, values } = row
  const isSame =
    here !== undefined && here !== null && !isEdited(entityOf(shape.table), here, values)
  return { revision, seal, isSame }
}

/**
 * The row is not here: it never was, or the person deleted it and the server has not been told. A
 * delete is merged with what the server has, like any other change.
 */
function hasNothingToLose({ here, changedHere, owed }: Twin): boolean {
  return here === null && (changedHere || owed === null)
}

/** The columns that the router did not know when it last saw the row, and knows now. */
function columnsSince(shape: RowShape, seenExtra: string | null): readonly ShapeColumn[] {
  if (seenExtra === null) return []
  const names = new Set(Object.keys(JSON.parse(seenExtra) as object))
  return shape.columns.filter(({ name }) => names.has(name))
}

/** Asks for the statements that store the batch; they run in this order. */
function writeBatch(
  tx: SqlTransaction,
  batch: OpenBatch,
  shown: ReadonlyMap<string, Shown>,
  hasFaults: boolean,
  now: number,
): Promise<unknown>[] {
  const { shape, opened, gone, findings, unruly, completed, owed, redeemed } = batch
  const statements: Promise<unknown>[] = []
  const written = shown.size === 0 ? opened : opened.flatMap((row) => asShown(row, shown))
  statements.push(...upsertRows(tx, shape, written))
  if (completed.length > 0) {
    const documents = asDocuments(completed)
    statements.push(
      tx.execute(completeLocalRows(shape), [documents]),
      tx.execute(completeBases, [documents, shape.table]),
    )
  }
  const removed = gone.filter((id) => shown.get(id)?.kind !== 'mine')
  if (removed.length > 0) {
    statements.push(tx.execute(deleteLocalRows(shape), [JSON.stringify(removed)]))
  }
  const sealed = [...opened, ...completed]
  const seen = sealed.map(({ id, row }) => ({
    id,
    seal: row.seal,
    revision: row.revision,
    accepted: row.revision,
    extra: row.extra === null ? null : JSON.stringify(row.extra),
  }))
  const sound = [...sealed.map(({ id }) => id), ...gone, ...owed.map(({ id }) => id)]
  const aside = findings.flatMap(({ id, state, workspaceId }) =>
    state === 'tampered' ? [] : [[id, state, workspaceId] as [string, InWait, string | null]],
  )
  const kept = new Set(aside.map(([id]) => id))
  const done = [...sound, ...findings.map(({ id }) => id).filter((id) => !kept.has(id))]
  return [
    ...statements,
    rememberSeen(tx, shape.table, seen),
    rememberDeleted(tx, shape.table, gone, 'server'),
    removeOwed(tx, shape.table, redeemed),
    recordOwed(tx, shape, owed, now),
    hasFaults ? clearFindings(tx, shape.table, sound) : Promise.resolve(),
    hasFaults ? clearUnruly(tx, shape.table, sound) : Promise.resolve(),
    recordFindings(tx, shape.table, findings, now),
    recordUnruly(tx, shape.table, unruly, now),
    removeNotes(tx, 'router_in', shape.table, done),
    setNotesAside(tx, 'router_in', shape.table, aside),
  ]
}

function upsertRows(
  tx: SqlTransaction,
  shape: RowShape,
  rows: readonly Opened[],
): Promise<unknown>[] {
  const statements: Promise<unknown>[] = []
  let start = 0
  for (; rows.length - start >= manyRows; start += manyRows) {
    const pairs = rows.slice(start, start + manyRows).flatMap(({ id, json }) => [id, json])
    statements.push(tx.execute(upsertManyLocalRows(shape), pairs))
  }
  const rest = rows.slice(start)
  if (rest.length > 0) statements.push(tx.execute(upsertLocalRows(shape), [asDocuments(rest)]))
  return statements
}

/** The row as it is to be written, if at all. */
function asShown(row: Opened, shown: ReadonlyMap<string, Shown>): Opened[] {
  const given = shown.get(row.id)
  if (given?.kind === 'mine') return []
  return [given?.kind === 'merged' ? { ...row, json: given.json } : row]
}

/** What a change was made on has the new columns too, or they would pass for changes of it. */
const completeBases = `UPDATE router_out SET base = json_patch(base, given.value -> 1)
  FROM json_each(?) AS given
  WHERE tbl = ? AND router_out.id = given.value ->> 0 AND base LIKE '{%'`

/** The documents go in as JSON text, so that amounts keep every digit. */
function asDocuments(rows: readonly Opened[]): string {
  return `[${rows.map(({ id, json }) => `[${JSON.stringify(id)},${json}]`).join(',')}]`
}
