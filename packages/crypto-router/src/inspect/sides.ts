import type { EntityTable } from '@sealbook/schema'
import { sliceOf } from '@sealbook/schema/digest'
import { localStore, twinStore } from '../layout.ts'
import { localColumnList, readLocalValues } from '../local-rows.ts'
import type { OwedKind } from '../owed.ts'
import type { LocalValues, TwinValues } from '../rows.ts'
import type { RowShape } from '../shapes.ts'
import { quoteName, selectRows, type SqlTransaction, type SqlValue } from '../sql.ts'

/** Why a row that is noted is not routed yet; `ready` ones are next. */
export type NoteState = 'ready' | 'locked' | 'stale-key' | 'unsealable'

/** One row as this device has it, on every step between the screen and the server. */
export interface RowSides {
  readonly table: EntityTable
  readonly id: string
  readonly plaintext: LocalValues | null
  /** Everything that the twin holds, columns of a newer client included. */
  readonly twin: TwinValues | null
  /** What the router last wrote or opened; `seal` is null once the row was deleted. */
  readonly seen: { readonly seal: string | null; readonly accepted: number } | null
  /** A local change that is not sealed yet. */
  readonly sealNote: NoteState | null
  /** A received version that is not opened yet. */
  readonly openNote: NoteState | null
  /** Why the server's answer is not followed until the person has decided. */
  readonly owed: OwedKind | null
}

/** A change of a row that waits to be uploaded. */
export interface QueuedChange {
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  /** Null of a DELETE. */
  readonly revision: number | null
}

type Reader = Pick<SqlTransaction, 'executeRaw'>

/** The rows of these ids, those included that the device has nothing of, in the order given. */
export async function readSides(
  db: Reader,
  shape: RowShape,
  ids: readonly string[],
): Promise<RowSides[]> {
  const rows = await selectRows(db, sidesSql(shape), [
    JSON.stringify(ids),
    shape.table,
    shape.table,
    shape.table,
    shape.table,
  ])
  return rows.map((cells) => toSides(shape, cells))
}

/**
 * Ids of all rows that either table of an entity has, by slice, both in the order of a digest. No
 * index has that order, so all are listed once: by pages, that other queries need not wait.
 */
export async function idsBySlice(
  db: Reader,
  shape: RowShape,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const slices = new Map<string, string[]>()
  let after = ''
  for (;;) {
    signal.throwIfAborted()
    const ids = await nextIds(db, shape, after, idsAtOnce)
    for (const id of ids) {
      const slice = slices.get(sliceOf(id))
      if (slice === undefined) slices.set(sliceOf(id), [id])
      else slice.push(id)
    }
    const last = ids.at(-1)
    if (last === undefined || last === after || ids.length < idsAtOnce) break
    after = last
  }
  return new Map([...slices].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const idsAtOnce = 5_000

/** The next ids after one, of rows that either table of an entity has. */
async function nextIds(
  db: Reader,
  shape: RowShape,
  after: string,
  limit: number,
): Promise<string[]> {
  const [local, twin] = [localStore(shape), twinStore(shape)].map(
    (store) =>
      `SELECT id FROM (SELECT id FROM ${quoteName(store)} WHERE id > ? ORDER BY id LIMIT ?)`,
  )
  const rows = await selectRows(db, `${local} UNION ${twin} ORDER BY id LIMIT ?`, [
    ...[after, limit],
    ...[after, limit],
    limit,
  ])
  return rows.map(([id]) => String(id))
}

/** What waits to be uploaded of these rows, by their ids, oldest first. */
export async function readQueued(
  db: Reader,
  shape: RowShape,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly QueuedChange[]>> {
  const rows = await selectRows(
    db,
    `SELECT data ->> 'id', data ->> 'op', data ->> '$.data.revision' FROM ps_crud
      WHERE data ->> 'type' = ? AND data ->> 'id' IN (SELECT value FROM json_each(?)) ORDER BY id`,
    [shape.twin, JSON.stringify(ids)],
  )
  const queued = new Map<string, QueuedChange[]>()
  for (const [id, op, revision] of rows) {
    const change = {
      op: op as QueuedChange['op'],
      revision: revision === null ? null : Number(revision),
    }
    queued.set(String(id), [...(queued.get(String(id)) ?? []), change])
  }
  return queued
}

/** Ids of one entity's rows that begin like this, on either side; for a person who looks for one. */
export async function findIds(
  db: Reader,
  shape: RowShape,
  start: string,
  limit: number,
): Promise<string[]> {
  const ids = await nextIds(db, shape, start, limit)
  const exact = await readSides(db, shape, [start])
  const found = exact.some(({ plaintext, twin }) => plaintext !== null || twin !== null)
  return [...(found ? [start] : []), ...ids.filter((id) => id.startsWith(start))].slice(0, limit)
}

function sidesSql(shape: RowShape): string {
  return `SELECT j.value, t.data, s.id, s.seal, s.accepted, o.id, o.wait, i.id, i.wait,
      w.state, l.id, ${localColumnList(shape, 'l')}
    FROM json_each(?) AS j
    LEFT JOIN ${quoteName(twinStore(shape))} AS t ON t.id = j.value
    LEFT JOIN router_seen AS s ON s.tbl = ? AND s.id = j.value
    LEFT JOIN router_out AS o ON o.tbl = ? AND o.id = j.value
    LEFT JOIN router_in AS i ON i.tbl = ? AND i.id = j.value
    LEFT JOIN router_owed AS w ON w.tbl = ? AND w.id = j.value
      AND w.state <> 'receipt' AND w.settled_at IS NULL
    LEFT JOIN ${quoteName(shape.table)} AS l ON l.id = j.value
    ORDER BY j.key`
}

const localStart = 11

function toSides(shape: RowShape, cells: readonly SqlValue[]): RowSides {
  const [id, data, seenId, seal, accepted, outId, outWait, inId, inWait, ...rest] = cells
  const [owed, localId] = rest
  return {
    table: shape.table,
    id: String(id),
    plaintext: localId === null ? null : readLocalValues(shape, cells, localStart),
    twin: data === null ? null : (JSON.parse(String(data)) as TwinValues),
    seen: seenId === null ? null : { seal: textOrNull(seal), accepted: Number(accepted) },
    sealNote: noteState(outId, outWait),
    openNote: noteState(inId, inWait),
    owed: textOrNull(owed) as OwedKind | null,
  }
}

function noteState(id: SqlValue | undefined, wait: SqlValue | undefined): NoteState | null {
  if (id === null) return null
  return wait === null ? 'ready' : (wait as NoteState)
}

function textOrNull(value: SqlValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
