import {
  belongsTo,
  compareTable,
  idsBySlice,
  isDifference,
  judge,
  readQueued,
  readSides,
  shapes,
  type DeviceTable,
  type RowShape,
  type Verdict,
} from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import { tableDigest, type SliceDigest } from '@sealbook/schema/digest'
import type { Inspection, ServerFailure } from '../../data/session-types.ts'
import { inspectRows, type InspectedRow } from './inspect-rows.ts'
import { fetchDigests, fetchSlice } from './server-rows.ts'

/** One table on this device and on the server. */
export interface TableComparison {
  readonly table: EntityTable
  readonly plaintextRows: number
  readonly twinRows: number
  /** Null: the server could not be asked. */
  readonly serverRows: number | null
  readonly moving: number
  /** Of the twins here and there; rows on their way make them differ, and are no difference. */
  readonly deviceDigest: string
  readonly serverDigest: string | null
  /** Looked at again at the end: what only moved meanwhile is not among them. */
  readonly differing: readonly InspectedRow[]
  /** There are more than are listed. */
  readonly hasMore: boolean
}

export interface Comparison {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly tables: readonly TableComparison[]
  /** Why the server could not be asked; null: it was. */
  readonly failure: ServerFailure | null
}

export interface CompareProgress {
  readonly done: number
  readonly total: number
}

const mostListed = 200

/** Compares every row of the workspace: its plaintext, its twin, and what the server has. */
export async function compareEverything(
  inspection: Inspection,
  options: {
    readonly signal: AbortSignal
    readonly onProgress: (progress: CompareProgress) => void
  },
): Promise<Comparison> {
  const { db, workspaceId, keys } = inspection
  const total = await countRows(inspection)
  let done = 0
  const onRows = (rows: number) => {
    done = Math.min(done + rows, total)
    options.onProgress({ done, total })
  }
  const tables: TableComparison[] = []
  let failure: ServerFailure | null = null
  for (const shape of shapes) {
    options.signal.throwIfAborted()
    const device = await compareTable(db, shape, keys, {
      workspaceId,
      signal: options.signal,
      onRows,
    })
    const compared = await compareWithServer(inspection, shape, device, failure, options.signal)
    failure ??= compared.failure
    tables.push(compared.table)
  }
  return { at: Date.now(), tables, failure }
}

async function compareWithServer(
  inspection: Inspection,
  shape: RowShape,
  device: DeviceTable,
  failedBefore: ServerFailure | null,
  signal: AbortSignal,
): Promise<{ readonly table: TableComparison; readonly failure: ServerFailure | null }> {
  const { api, workspaceId } = inspection
  const server = { api, workspaceId, table: shape.table }
  const asked =
    failedBefore === null
      ? await fetchDigests(server, device.twinRows)
      : ({ ok: false, error: failedBefore } as const)
  let failure = asked.ok ? null : asked.error
  const suspects = new Set(device.differing.map(({ id }) => id))
  if (asked.ok) {
    const slices = differingSlices(device.digests, asked.value)
    const ids = slices.length === 0 ? null : await idsBySlice(inspection.db, shape, signal)
    for (const slice of slices) {
      if (suspects.size > mostListed) break
      signal.throwIfAborted()
      const found = await compareSlice(inspection, shape, slice, ids?.get(slice) ?? [])
      if (found.failure !== null) failure = found.failure
      for (const id of found.ids) suspects.add(id)
    }
  }
  const listed = [...suspects].slice(0, mostListed).sort()
  const { rows } = await inspectRows(inspection, shape.table, listed)
  // Digests that differ, of rows that could not be had, are no answer.
  const answered = asked.ok && failure === null ? asked.value : null
  const table = {
    table: shape.table,
    plaintextRows: device.plaintextRows,
    twinRows: device.twinRows,
    serverRows: answered === null ? null : answered.reduce((sum, slice) => sum + slice.rows, 0),
    moving: device.moving,
    deviceDigest: await tableDigest(device.digests),
    serverDigest: answered === null ? null : await tableDigest(answered),
    differing: rows.filter(({ verdict }) => isDifference(verdict)),
    hasMore: suspects.size > mostListed || device.differingCount > device.differing.length,
  }
  return { table, failure }
}

/** Ids of the rows of one slice that are not the same here and there. */
async function compareSlice(
  inspection: Inspection,
  shape: RowShape,
  slice: string,
  deviceIds: readonly string[],
): Promise<{ readonly ids: readonly string[]; readonly failure: ServerFailure | null }> {
  const { db, api, keys, workspaceId } = inspection
  const fetched = await fetchSlice({ api, workspaceId, table: shape.table }, slice)
  if (!fetched.ok) return { ids: [], failure: fetched.error }
  const all = [...new Set([...fetched.value.keys(), ...deviceIds])]
  const differing: string[] = []
  for (let start = 0; start < all.length; start += rowsAtOnce) {
    const chunk = all.slice(start, start + rowsAtOnce)
    const queued = await readQueued(db, shape, chunk)
    for (const sides of await readSides(db, shape, chunk)) {
      if (!belongsTo(sides, workspaceId) && !fetched.value.has(sides.id)) continue
      const server = { row: fetched.value.get(sides.id) ?? null, deletedRevision: null }
      const verdict: Verdict = judge(sides, keys, { queued: queued.get(sides.id) ?? [], server })
      if (isDifference(verdict)) differing.push(sides.id)
    }
  }
  return { ids: differing, failure: null }
}

const rowsAtOnce = 200

function differingSlices(
  ours: readonly SliceDigest[],
  theirs: readonly SliceDigest[],
): readonly string[] {
  const [here, there] = [ours, theirs].map(
    (digests) => new Map(digests.map(({ slice, digest }) => [slice, digest])),
  )
  const all = new Set([...(here?.keys() ?? []), ...(there?.keys() ?? [])])
  return [...all].filter((slice) => here?.get(slice) !== there?.get(slice)).sort()
}

async function countRows({ db }: Inspection): Promise<number> {
  const counts = shapes.map(({ twin }) => `(SELECT count(*) FROM "${twin}")`)
  const { rows } = await db.get<{ rows: number }>(`SELECT ${counts.join(' + ')} AS rows`)
  return rows
}
