import type { ServerSide } from '@sealbook/crypto-router'
import { digestColumns, type SliceDigest } from '@sealbook/schema/digest'
import { entityOf, uuidPattern, type EntityTable } from '@sealbook/schema'
import {
  isRecord,
  malformedAnswer,
  toServerFailure,
  type ApiClient,
} from '../../data/api-client.ts'
import type { Result, ServerFailure } from '../../data/session-types.ts'

/** A twin of one workspace, on the server. */
export interface ServerTable {
  readonly api: Pick<ApiClient, 'get'>
  readonly workspaceId: string
  readonly table: EntityTable
}

type StoredRow = NonNullable<ServerSide['row']> & { readonly id: string }

/** The server takes this many ids in one request. */
export const maxIds = 200
/** What the server takes as a slice: it is not asked for another, nor for an id that is no UUID. */
const slicePattern = /^[0-9a-f]{2}$/
/** From this many rows on, a table's digests are asked for in parts: none takes the server long. */
const rowsInOnePart = 5_000
const parts = 16

/** @param rows about how many it has. */
export async function fetchDigests(
  server: ServerTable,
  rows: number,
): Promise<Result<readonly SliceDigest[], ServerFailure>> {
  const columns = digestColumns(entityOf(server.table)).join(',')
  const digits = rows > rowsInOnePart ? Array.from({ length: parts }, (_, n) => n.toString(16)) : []
  const ranges =
    digits.length > 0 ? digits.map((digit) => [`${digit}0`, `${digit}f`]) : [['00', 'ff']]
  const digests: SliceDigest[] = []
  for (const [from, to] of ranges) {
    const body = await get(server, `digests?columns=${columns}&from=${from}&to=${to}`)
    if (!body.ok) return body
    const slices = body.value['slices']
    if (!Array.isArray(slices) || !slices.every(isSliceDigest)) return malformed
    digests.push(...slices)
  }
  return { ok: true, value: digests }
}

/** Every row of a slice; none of one that only the ids of a faulty device are in. */
export async function fetchSlice(
  server: ServerTable,
  slice: string,
): Promise<Result<ReadonlyMap<string, StoredRow>, ServerFailure>> {
  const rows = new Map<string, StoredRow>()
  if (!slicePattern.test(slice)) return { ok: true, value: rows }
  let after: string | null = null
  do {
    const body = await get(server, `rows?slice=${slice}${after === null ? '' : `&after=${after}`}`)
    if (!body.ok) return body
    const page = readRows(body.value)
    const next: unknown = body.value['next']
    if (page === null || !(next === null || typeof next === 'string')) return malformed
    // A page goes on from its last row, and ids go up: one that does not has no end.
    const isNext = next === page.at(-1)?.id && (after === null || next > after)
    if (next !== null && !isNext) return malformed
    for (const row of page) rows.set(row.id, row)
    after = next
  } while (after !== null)
  return { ok: true, value: rows }
}

/** What the server has of single rows, at most `maxIds`; every id is in the answer. */
export async function fetchRows(
  server: ServerTable,
  ids: readonly string[],
): Promise<Result<ReadonlyMap<string, ServerSide>, ServerFailure>> {
  const asked = ids.filter((id) => uuidPattern.test(id))
  const body = asked.length === 0 ? nothing : await get(server, `rows?ids=${asked.join(',')}`)
  if (!body.ok) return body
  const rows = readRows(body.value)
  const deleted = body.value['deleted']
  if (rows === null || !Array.isArray(deleted) || !deleted.every(isTombstone)) return malformed
  const rowsById = new Map(rows.map((row) => [row.id, row]))
  const revisions = new Map(deleted.map(({ id, revision }) => [id, revision]))
  const sides = ids.map((id): [string, ServerSide] => [
    id,
    { row: rowsById.get(id) ?? null, deletedRevision: revisions.get(id) ?? null },
  ])
  return { ok: true, value: new Map(sides) }
}

const nothing = { ok: true, value: { rows: [], deleted: [] } } as const
const malformed = { ok: false, error: malformedAnswer } as const

async function get(
  { api, workspaceId, table }: ServerTable,
  path: string,
): Promise<Result<Readonly<Record<string, unknown>>, ServerFailure>> {
  const answer = await api.get(`/api/workspaces/${workspaceId}/tables/${table}/${path}`)
  if (!answer.ok) return { ok: false, error: toServerFailure(answer.error) }
  return isRecord(answer.value) ? { ok: true, value: answer.value } : malformed
}

function readRows({ rows }: Readonly<Record<string, unknown>>): StoredRow[] | null {
  return Array.isArray(rows) && rows.every(isStoredRow) ? rows : null
}

function isStoredRow(row: unknown): row is StoredRow {
  return isRecord(row) && typeof row['id'] === 'string' && Object.values(row).every(isCell)
}

function isCell(cell: unknown): boolean {
  return cell === null || typeof cell === 'string' || typeof cell === 'number'
}

function isSliceDigest(value: unknown): value is SliceDigest {
  return (
    isRecord(value) &&
    typeof value['slice'] === 'string' &&
    typeof value['rows'] === 'number' &&
    typeof value['digest'] === 'string'
  )
}

function isTombstone(value: unknown): value is { id: string; revision: number } {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['revision'] === 'number'
}
