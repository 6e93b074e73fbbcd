import {
  judge,
  readQueued,
  readSides,
  shapeOf,
  type QueuedChange,
  type RowSides,
  type ServerSide,
  type Verdict,
} from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import type { Inspection, Result, ServerFailure } from '../../data/session-types.ts'
import { fetchRows, maxIds } from './server-rows.ts'

/** One row on every step of its way. */
export interface InspectedRow {
  readonly sides: RowSides
  readonly queued: readonly QueuedChange[]
  /** Null: the server could not be asked. */
  readonly server: ServerSide | null
  readonly verdict: Verdict
}

/** A row can move while the server is asked: it is then looked at again, this many times at most. */
const mostLooks = 3

/** Looks at up to `maxIds` rows, on this device and on the server. */
export async function inspectRows(
  inspection: Inspection,
  table: EntityTable,
  ids: readonly string[],
): Promise<{ readonly rows: readonly InspectedRow[]; readonly failure: ServerFailure | null }> {
  const { db, keys } = inspection
  const shape = shapeOf(table)
  let sides = await readSides(db, shape, ids)
  for (let look = 1; ; look++) {
    const fetched = await askServer(inspection, table, ids)
    const before = sides
    sides = await readSides(db, shape, ids)
    if (look < mostLooks && before.some((side, at) => hasMoved(side, sides[at]))) continue
    const queued = await readQueued(db, shape, ids)
    const rows = sides.map((side): InspectedRow => {
      const server = fetched.ok ? (fetched.value.get(side.id) ?? null) : null
      const waiting = queued.get(side.id) ?? []
      const upstream = server === null ? undefined : { queued: waiting, server }
      return { sides: side, queued: waiting, server, verdict: judge(side, keys, upstream) }
    })
    return { rows, failure: fetched.ok ? null : fetched.error }
  }
}

export async function inspectRow(
  inspection: Inspection,
  table: EntityTable,
  id: string,
): Promise<{ readonly row: InspectedRow | null; readonly failure: ServerFailure | null }> {
  const { rows, failure } = await inspectRows(inspection, table, [id])
  return { row: rows[0] ?? null, failure }
}

async function askServer(
  { api, workspaceId }: Inspection,
  table: EntityTable,
  ids: readonly string[],
): Promise<Result<ReadonlyMap<string, ServerSide>, ServerFailure>> {
  const sides = new Map<string, ServerSide>()
  for (let start = 0; start < ids.length; start += maxIds) {
    const fetched = await fetchRows({ api, workspaceId, table }, ids.slice(start, start + maxIds))
    if (!fetched.ok) return fetched
    for (const [id, side] of fetched.value) sides.set(id, side)
  }
  return { ok: true, value: sides }
}

function hasMoved(before: RowSides, after: RowSides | undefined): boolean {
  return before.twin?.['seal'] !== after?.twin?.['seal']
}
