import { maxRevision } from '@sealbook/schema/upload'
import { drawNonces, nonceBytes, type WorkspaceKeys } from '@sealbook/crypto'
import { forgetUploadedBases, rememberBases, type SealedBase } from './bases.ts'
import { judgeOutgoing, notePassedOut } from './brake.ts'
import { nextOutNotes, removeNotes, setNotesAside, type Note, type OutWait } from './journal.ts'
import { twinStore } from './layout.ts'
import { localColumnList, readLocalValues } from './local-rows.ts'
import { sealRow, type LocalValues, type SealedTwin, type TwinValues } from './rows.ts'
import { rememberDeleted, rememberSeen } from './seen.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'
import { clearUnruly, judgeRow, recordUnruly, type CheckRow, type UnrulyRow } from './unruly.ts'

/** Where the router finds a workspace's keys. */
export interface RouterKeys {
  /** Undefined: the workspace is locked, and its rows wait. */
  get(workspaceId: string): WorkspaceKeys | undefined
}

export interface SealStepOutcome {
  /** Notes that were taken off the journal or put aside. */
  readonly handled: number
  readonly sealed: number
  readonly deleted: number
  /** Rows that no column format holds. */
  readonly unsealable: readonly Note[]
}

/**
 * Mirrors up to `limit` local changes to the twins, as the rows are now, through the twins' views,
 * so that each becomes one entry of the upload queue. To be called inside one write transaction.
 */
export async function sealStep(
  tx: SqlTransaction,
  keys: RouterKeys,
  authorId: string,
  limit: number,
  now: number,
  checkRow?: CheckRow,
): Promise<SealStepOutcome> {
  await judgeOutgoing(tx, now)
  const [groups] = await Promise.all([nextOutNotes(tx, limit), forgetUploadedBases(tx)])
  const batches: TableBatch[] = []
  for (const [shape, notes] of groups) {
    batches.push(await sealTable(tx, keys, authorId, shape, notes, checkRow))
  }
  // They run in the order in which they are asked for, and need not be waited for one by one.
  await Promise.all([
    ...batches.flatMap((batch) => writeTwins(tx, batch)),
    ...batches.toReversed().flatMap((batch) => deleteTwins(tx, batch)),
    ...batches.flatMap((batch) => settle(tx, batch, now)),
  ])
  return {
    handled: batches.reduce((sum, batch) => sum + batch.ids.length, 0),
    sealed: batches.reduce((sum, { inserts, updates }) => sum + inserts.length + updates.length, 0),
    deleted: batches.reduce((sum, batch) => sum + batch.deletes.length, 0),
    unsealable: batches.flatMap(({ shape, aside }) =>
      aside.filter(([, wait]) => wait === 'unsealable').map(([id]) => ({ table: shape.table, id })),
    ),
  }
}

interface Sealed {
  readonly id: string
  readonly twin: SealedTwin
  readonly extra: string | null
}

interface Gone {
  readonly id: string
  readonly workspaceId: string
  readonly parentId: string | null
}

interface TableBatch {
  readonly shape: RowShape
  /** Every row that was looked at. */
  readonly ids: readonly string[]
  readonly inserts: readonly Sealed[]
  readonly updates: readonly Sealed[]
  /** Parents before children. */
  readonly deletes: readonly Gone[]
  readonly aside: readonly (readonly [id: string, wait: OutWait, workspaceId: string | null])[]
  /** Sealed as they are: whatever wrote them, nobody's change is held back. */
  readonly unruly: readonly UnrulyRow[]
  /** What the changes were made on, as far as there was a row. */
  readonly bases: readonly SealedBase[]
}

async function sealTable(
  tx: SqlTransaction,
  keys: RouterKeys,
  authorId: string,
  shape: RowShape,
  notes: readonly Note[],
  checkRow: CheckRow | undefined,
): Promise<TableBatch> {
  const ids = notes.map((note) => note.id)
  const inserts: Sealed[] = []
  const updates: Sealed[] = []
  const deletes: Gone[] = []
  const aside: [string, OutWait, string | null][] = []
  const unruly: UnrulyRow[] = []
  const bases: SealedBase[] = []
  const nonces = drawNonces(ids.length * shape.sealedCount)
  const noncesPerRow = shape.sealedCount * nonceBytes
  const rows = parentsFirst(await readBothSides(tx, shape, ids))
  rows.forEach((side, index) => {
    const { id, local, hasTwin, base, extra, parentId, document, twinSeal, workspaceOfTwin } = side
    const remembered = document === null ? [] : [{ id, seal: twinSeal, document }]
    if (local === null) {
      if (!hasTwin) return
      deletes.push({ id, workspaceId: workspaceOfTwin, parentId })
      bases.push(...remembered)
      return
    }
    const workspaceId = local['workspace_id']
    if (typeof workspaceId !== 'string') {
      aside.push([id, 'unsealable', null])
      return
    }
    const workspaceKeys = keys.get(workspaceId)
    const rowKeys = workspaceKeys?.byVersion.get(workspaceKeys.current)
    if (rowKeys === undefined) {
      aside.push([id, 'locked', workspaceId])
      return
    }
    const fresh = nonces.subarray(index * noncesPerRow, (index + 1) * noncesPerRow)
    const covered = extra === null ? null : (JSON.parse(extra) as TwinValues)
    let twin: SealedTwin
    try {
      if (base >= maxRevision) throw new RangeError('no revision is left')
      const revision = { revision: base + 1, authorId }
      twin = sealRow(shape, rowKeys, id, local, revision, fresh, covered)
    } catch {
      // A value that no column format holds, or no revision: one row must not stop the others.
      aside.push([id, 'unsealable', workspaceId])
      return
    }
    const into = hasTwin ? updates : inserts
    into.push({ id, twin, extra })
    const broken = judgeRow(checkRow, shape.table, id, local)
    if (broken !== undefined) unruly.push(broken)
    bases.push(...remembered)
  })
  return { shape, ids, inserts, updates, deletes, aside, unruly, bases }
}

interface BothSides {
  readonly id: string
  readonly local: LocalValues | null
  readonly hasTwin: boolean
  /** Revision that the change is based on. */
  readonly base: number
  readonly extra: string | null
  /** The row's parent in the same table; of a deleted row, the one that it had. */
  readonly parentId: string | null
  /** The row that the change was made on, and its seal; empty where it has no twin. */
  readonly document: string | null
  readonly twinSeal: string
  readonly workspaceOfTwin: string
}

/** Otherwise in the order given. Across steps the notes' ranks see to it, to a depth of two. */
function parentsFirst(rows: readonly BothSides[]): BothSides[] {
  const ordered: BothSides[] = []
  const waiting = new Map(rows.map((row) => [row.id, row]))
  const take = (row: BothSides) => {
    if (!waiting.delete(row.id)) return
    const parent = row.parentId === null ? undefined : waiting.get(row.parentId)
    if (parent !== undefined) take(parent)
    ordered.push(row)
  }
  rows.forEach(take)
  return ordered
}

async function readBothSides(
  tx: SqlTransaction,
  shape: RowShape,
  ids: readonly string[],
): Promise<BothSides[]> {
  const rows = await selectRows(
    tx,
    `SELECT j.value, l.id, t.id, json_extract(t.data, '$.revision'),
        max(s.revision, s.accepted, coalesce(s.gone, 0)), s.extra,
        ${parentOf(shape)}, o.base, json_extract(t.data, '$.seal'),
        json_extract(t.data, '$.workspace_id'), ${localColumnList(shape, 'l')}
      FROM json_each(?) AS j
      LEFT JOIN ${quoteName(shape.table)} AS l ON l.id = j.value
      LEFT JOIN ${quoteName(twinStore(shape))} AS t ON t.id = j.value
      LEFT JOIN router_seen AS s ON s.tbl = ? AND s.id = j.value
      LEFT JOIN router_out AS o ON o.tbl = ? AND o.id = j.value`,
    [JSON.stringify(ids), shape.table, shape.table],
  )
  const localStart = 10
  return rows.map((cells) => {
    const [id, localId, twinId, twinRevision, seenRevision, extra, parentId, document, ...rest] =
      cells
    const [seal, workspaceOfTwin] = rest
    const hasTwin = twinId !== null
    return {
      id: String(id),
      local: localId === null ? null : readLocalValues(shape, cells, localStart),
      hasTwin,
      // Above all that was ever seen: a row that is written again after its delete, or after the
      // server lost it, would look older.
      base: Math.max(Number(twinRevision ?? 0), Number(seenRevision ?? 0)),
      extra: hasTwin && extra !== null ? String(extra) : null,
      parentId: parentId === null ? null : String(parentId),
      document: document === null ? null : String(document),
      twinSeal: String(seal ?? ''),
      workspaceOfTwin: String(workspaceOfTwin ?? ''),
    }
  })
}

function parentOf({ parentColumn }: RowShape): string {
  if (parentColumn === null) return 'NULL'
  return `iif(l.id IS NULL, json_extract(t.data, '$.${parentColumn}'), l.${quoteName(parentColumn)})`
}

function writeTwins(tx: SqlTransaction, batch: TableBatch): Promise<unknown>[] {
  const { shape, inserts, updates } = batch
  const view = quoteName(shape.twin)
  const names = shape.twinNames.map(quoteName)
  const values = names.map((_, index) => `value ->> ${index + 1}`).join(', ')
  const sets = names.map((name, index) => `${name} = j.value ->> ${index + 1}`).join(', ')
  const insert = `INSERT INTO ${view}(id, ${names.join(', ')}) SELECT value ->> 0, ${values} FROM json_each(?)`
  const update = `UPDATE ${view} SET ${sets} FROM json_each(?) AS j WHERE ${view}.id = j.value ->> 0`
  return [
    ...(inserts.length === 0 ? [] : [tx.execute(insert, [asJson(inserts)])]),
    ...(updates.length === 0 ? [] : [tx.execute(update, [asJson(updates)])]),
  ]
}

function asJson(rows: readonly Sealed[]): string {
  return JSON.stringify(
    rows.map(({ id, twin: { cells, revision, seal, authorId } }) => [
      ...[id, ...cells],
      ...[revision, seal, authorId],
    ]),
  )
}

/** One statement deletes in an order of its own: children go in one before their parents'. */
function deleteTwins(tx: SqlTransaction, { shape, deletes }: TableBatch): Promise<unknown>[] {
  const depths = new Map<string, number>()
  const levels: string[][] = []
  for (const { id, parentId } of deletes) {
    const parentDepth = parentId === null ? undefined : depths.get(parentId)
    const depth = parentDepth === undefined ? 0 : parentDepth + 1
    depths.set(id, depth)
    const level = (levels[depth] ??= [])
    level.push(id)
  }
  const remove = `DELETE FROM ${quoteName(shape.twin)} WHERE id IN (SELECT value FROM json_each(?))`
  return levels.toReversed().map((level) => tx.execute(remove, [JSON.stringify(level)]))
}

function settle(tx: SqlTransaction, batch: TableBatch, now: number): Promise<unknown>[] {
  const { shape, ids, inserts, updates, deletes, aside, unruly, bases } = batch
  const seen = [...inserts, ...updates].map(({ id, twin, extra }) => ({
    id,
    seal: twin.seal,
    revision: twin.revision,
    accepted: null,
    extra,
  }))
  const deleted = deletes.map(({ id }) => id)
  const kept = new Set(aside.map(([id]) => id))
  const done = ids.filter((id) => !kept.has(id))
  return [
    rememberBases(tx, shape.table, bases),
    notePassedOut(tx, shape.table, deletes, now),
    rememberSeen(tx, shape.table, seen),
    rememberDeleted(tx, shape.table, deleted, 'device'),
    clearUnruly(tx, shape.table, done),
    recordUnruly(tx, shape.table, unruly, now),
    removeNotes(tx, 'router_out', shape.table, done),
    setNotesAside(tx, 'router_out', shape.table, aside),
  ]
}
