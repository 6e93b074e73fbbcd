import { clearFindings, findingOf, recordFindings, type Finding } from './faults.ts'
import { recordClashes, type Clash } from './conflicts.ts'
import { nextInNotes, removeNotes, setNotesAside, type InWait, type Note } from './journal.ts'
import { completeLocalRows, deleteLocalRows, twinStore, upsertLocalRows } from './layout.ts'
import { localColumnList, readLocalValues } from './local-rows.ts'
import { encodeLocalRow, openRow, type OpenedRow } from './rows.ts'
import type { RouterKeys } from './seal-step.ts'
import { rememberDeleted, rememberSeen } from './seen.ts'
import type { RowShape, ShapeColumn } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'

export interface OpenStepOutcome {
  /** Notes that were taken off the journal or put aside. */
  readonly handled: number
  readonly opened: number
  readonly deleted: number
}

/**
 * Mirrors up to `limit` changed twins to the plaintext tables, as the twins are now. Rows that do
 * not prove sound are recorded and change nothing. To be called inside one write transaction.
 */
export async function openStep(
  tx: SqlTransaction,
  keys: RouterKeys,
  limit: number,
  now: number,
): Promise<OpenStepOutcome> {
  const groups = await nextInNotes(tx, limit)
  let handled = 0
  let opened = 0
  let deleted = 0
  // The router's own plaintext writes are nobody's change: deaf for the length of this step.
  if (groups.length > 0) await tx.execute('UPDATE router_control SET mute = 1')
  for (const [shape, notes] of groups) {
    const batch = openTable(keys, shape, await readTwins(tx, shape, notes))
    await recordClashes(tx, shape.table, await takeClashes(tx, batch), now)
    await writeBatch(tx, batch, now)
    handled += notes.length
    opened += batch.opened.length
    deleted += batch.gone.length
  }
  if (groups.length > 0) await tx.execute('UPDATE router_control SET mute = 0')
  return { handled, opened, deleted }
}

interface Twin {
  readonly id: string
  /** Null: the row is gone. */
  readonly data: string | null
  readonly accepted: number
  /** The row was changed here too and not sealed since. */
  readonly changedHere: boolean
  /** What the router last wrote or opened, and the columns that it did not know then. */
  readonly seenSeal: string | null
  readonly seenExtra: string | null
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
  /** Sound or gone, and changed here too. */
  readonly contested: readonly string[]
  /** Opened again as they were and changed here since: no clash. `json` is the new columns only. */
  readonly completed: readonly Opened[]
}

async function readTwins(
  tx: SqlTransaction,
  shape: RowShape,
  notes: readonly Note[],
): Promise<Twin[]> {
  const rows = await selectRows(
    tx,
    `SELECT j.value, t.data, s.accepted, o.id IS NOT NULL, s.seal, s.extra
      FROM json_each(?) AS j
      LEFT JOIN ${quoteName(twinStore(shape))} AS t ON t.id = j.value
      LEFT JOIN router_seen AS s ON s.tbl = ? AND s.id = j.value
      LEFT JOIN router_out AS o ON o.tbl = ? AND o.id = j.value`,
    [JSON.stringify(notes.map((note) => note.id)), shape.table, shape.table],
  )
  return rows.map(([id, data, accepted, changedHere, seenSeal, seenExtra]) => ({
    id: String(id),
    data: data === null ? null : String(data),
    accepted: Number(accepted ?? 0),
    changedHere: Number(changedHere) === 1,
    seenSeal: seenSeal === null ? null : String(seenSeal),
    seenExtra: seenExtra === null ? null : String(seenExtra),
  }))
}

function openTable(keys: RouterKeys, shape: RowShape, twins: readonly Twin[]): OpenBatch {
  const opened: Opened[] = []
  const gone: string[] = []
  const findings: Finding[] = []
  const contested: string[] = []
  const completed: Opened[] = []
  for (const twin of twins) {
    if (twin.data === null) {
      gone.push(twin.id)
    } else {
      const row = openTwin(keys, shape, twin.id, twin.data, twin.accepted)
      if ('state' in row) {
        findings.push(row)
        continue
      }
      const added = twin.seenSeal === row.seal ? columnsSince(shape, twin.seenExtra) : []
      if (twin.changedHere && added.length > 0) {
        completed.push({ id: twin.id, row, json: encodeLocalRow({ columns: added }, row.values) })
        continue
      }
      opened.push({ id: twin.id, row, json: encodeLocalRow(shape, row.values) })
    }
    if (twin.changedHere) contested.push(twin.id)
  }
  return { shape, opened, gone, findings, contested, completed }
}

/** The columns that the router did not know when it last saw the row, and knows now. */
function columnsSince(shape: RowShape, seenExtra: string | null): readonly ShapeColumn[] {
  if (seenExtra === null) return []
  const names = new Set(Object.keys(JSON.parse(seenExtra) as object))
  return shape.columns.filter(({ name }) => names.has(name))
}

function openTwin(
  keys: RouterKeys,
  shape: RowShape,
  id: string,
  data: string,
  accepted: number,
): OpenedRow | Finding {
  const stored = JSON.parse(data) as Readonly<Record<string, unknown>>
  const workspaceId = stored['workspace_id']
  if (typeof workspaceId !== 'string') {
    return { id, workspaceId: null, state: 'tampered', reason: 'malformed' }
  }
  const workspaceKeys = keys.get(workspaceId)
  if (workspaceKeys === undefined) {
    return { id, workspaceId, state: 'locked', reason: 'locked' }
  }
  const row = openRow(shape, workspaceKeys, id, stored)
  if (!row.ok) return findingOf(id, workspaceId, row.error)
  if (row.value.revision < accepted) {
    return { id, workspaceId, state: 'tampered', reason: 'rolled-back' }
  }
  return row.value
}

/**
 * Rows that were changed on both sides: the table will show theirs, mine is kept beside, and the
 * local change is no longer waiting to be sealed. Equal versions are no conflict.
 */
async function takeClashes(tx: SqlTransaction, batch: OpenBatch): Promise<Clash[]> {
  const { shape, contested } = batch
  if (contested.length === 0) return []
  const theirs = new Map(batch.opened.map(({ id, json }) => [id, json]))
  const rows = await selectRows(
    tx,
    `SELECT j.value, l.id, ${localColumnList(shape, 'l')} FROM json_each(?) AS j
      LEFT JOIN ${quoteName(shape.table)} AS l ON l.id = j.value`,
    [JSON.stringify(contested)],
  )
  const localStart = 2
  await removeNotes(tx, 'router_out', shape.table, contested)
  const workspaces = new Map(batch.opened.map(({ id, row }) => [id, row.values['workspace_id']]))
  return rows.flatMap((cells) => {
    const id = String(cells[0])
    const values = cells[1] === null ? null : readLocalValues(shape, cells, localStart)
    const mine = values === null ? null : encodeLocalRow(shape, values)
    const other = theirs.get(id) ?? null
    if (mine === other) return []
    const workspace = values?.['workspace_id'] ?? workspaces.get(id)
    const workspaceId = typeof workspace === 'string' ? workspace : null
    return [{ id, workspaceId, mine, theirs: other }]
  })
}

async function writeBatch(tx: SqlTransaction, batch: OpenBatch, now: number): Promise<void> {
  const { shape, opened, gone, findings, completed } = batch
  if (opened.length > 0) {
    await tx.execute(upsertLocalRows(shape), [asDocuments(opened)])
  }
  if (completed.length > 0) await tx.execute(completeLocalRows(shape), [asDocuments(completed)])
  if (gone.length > 0) await tx.execute(deleteLocalRows(shape), [JSON.stringify(gone)])
  const sealed = [...opened, ...completed]
  const seen = sealed.map(({ id, row }) => ({
    id,
    seal: row.seal,
    revision: row.revision,
    accepted: row.revision,
    extra: row.extra === null ? null : JSON.stringify(row.extra),
  }))
  await rememberSeen(tx, shape.table, seen)
  await rememberDeleted(tx, shape.table, gone)
  const sound = [...sealed.map(({ id }) => id), ...gone]
  await clearFindings(tx, shape.table, sound)
  await recordFindings(tx, shape.table, findings, now)
  const aside = findings.flatMap(({ id, state, workspaceId }) =>
    state === 'tampered' ? [] : [[id, state, workspaceId] as [string, InWait, string | null]],
  )
  const kept = new Set(aside.map(([id]) => id))
  const done = [...sound, ...findings.map(({ id }) => id).filter((id) => !kept.has(id))]
  await removeNotes(tx, 'router_in', shape.table, done)
  await setNotesAside(tx, 'router_in', shape.table, aside)
}

/** The documents go in as JSON text, so that amounts keep every digit. */
function asDocuments(rows: readonly Opened[]): string {
  return `[${rows.map(({ id, json }) => `[${JSON.stringify(id)},${json}]`).join(',')}]`
}
