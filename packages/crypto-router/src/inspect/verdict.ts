import { commonColumns } from '@sealbook/schema'
import type { RouterKeys } from '../seal-step.ts'
import { findingOf } from '../faults.ts'
import {
  openRow,
  type LocalValue,
  type LocalValues,
  type OpenedRow,
  type TwinValues,
} from '../rows.ts'
import { shapeOf, type RowShape, type ShapeColumn } from '../shapes.ts'
import type { QueuedChange, RowSides } from './sides.ts'

/** A server's row; null where it has none, and when it was deleted, at which revision. */
export interface ServerSide {
  readonly row: TwinValues | null
  readonly deletedRevision: number | null
}

/** What is behind the twin. */
export interface Upstream {
  readonly queued: readonly QueuedChange[]
  readonly server: ServerSide
}

/**
 * What is the first thing on a row's way, from the screen to the server, that is not as it should
 * be. `same`: nothing, as far as was looked. The `waits-` ones are on their way and no difference.
 */
export type VerdictKind =
  | 'same'
  | 'waits-to-seal'
  | 'waits-to-open'
  | 'waits-to-upload'
  /** A local row that no column format holds. */
  | 'unsealable'
  /** Between plaintext and twin. */
  | 'twin-missing'
  | 'twin-locked'
  | 'twin-stale-key'
  | 'twin-tampered'
  | 'plaintext-missing'
  | 'plaintext-differs'
  /** Between twin and server. */
  | 'device-missing'
  | 'server-missing'
  | 'server-differs'
  /** The person is asked: the server lost it, brings a deleted row back, or has two of a revision. */
  | 'server-lost'
  | 'server-returned'
  | 'server-forked'

export interface Verdict {
  readonly kind: VerdictKind
  /** The first column whose value differs; null where only revision, seal or envelopes do. */
  readonly column: string | null
  /** Why the twin, or with `server-differs` the server's row, does not open; null where it does. */
  readonly reason: string | null
}

/** The state of a stored row: opened, or why it does not open. */
export type SealState =
  | { readonly state: 'sound'; readonly row: OpenedRow }
  | { readonly state: 'locked' | 'stale-key' | 'tampered'; readonly reason: string }

export function isDifference({ kind }: Verdict): boolean {
  return kind !== 'same' && !kind.startsWith('waits-')
}

/** @param upstream undefined: the server was not asked. */
export function judge(sides: RowSides, keys: RouterKeys, upstream?: Upstream): Verdict {
  const { sealNote, openNote, owed } = sides
  if (sealNote === 'unsealable') return verdict('unsealable')
  if (openNote === 'ready') return verdict('waits-to-open')
  if (owed !== null) return verdict(`server-${owed}`)
  const onDevice = judgeDevice(sides, keys)
  // A change of a row whose twin does not open waits behind it.
  if (sealNote !== null && onDevice.reason === null) return verdict('waits-to-seal')
  if (onDevice.kind !== 'same' || upstream === undefined) return onDevice
  return judgeUpstream(sides, keys, upstream)
}

/** Opens a stored row, wherever it lies; an older one than was accepted is not sound either. */
export function sealState(
  shape: RowShape,
  keys: RouterKeys,
  id: string,
  stored: TwinValues,
  accepted: number,
): SealState {
  const workspaceId = stored['workspace_id']
  if (typeof workspaceId !== 'string') return { state: 'tampered', reason: 'malformed' }
  const workspaceKeys = keys.get(workspaceId)
  if (workspaceKeys === undefined) return { state: 'locked', reason: 'locked' }
  const row = openRow(shape, workspaceKeys, id, stored)
  if (!row.ok) {
    const { state, reason } = findingOf(id, workspaceId, row.error)
    return { state, reason }
  }
  if (row.value.revision < accepted) return { state: 'tampered', reason: 'rolled-back' }
  return { state: 'sound', row: row.value }
}

/** The first column in which two rows differ, both opened or both as stored. */
export function differingColumn(
  shape: RowShape,
  one: LocalValues,
  other: LocalValues,
): string | null {
  const found = ownFirst(shape).find(({ name }) => !isSameCell(one[name], other[name]))
  return found?.name ?? null
}

function judgeDevice(sides: RowSides, keys: RouterKeys): Verdict {
  const { plaintext, twin } = sides
  if (twin === null) return verdict(plaintext === null ? 'same' : 'twin-missing')
  const shape = shapeOf(sides.table)
  const seal = sealState(shape, keys, sides.id, twin, sides.seen?.accepted ?? 0)
  if (seal.state !== 'sound') {
    const column = plaintext === null ? null : differingVisibleColumn(shape, plaintext, twin)
    return { kind: `twin-${seal.state}`, column, reason: seal.reason }
  }
  if (plaintext === null) return verdict('plaintext-missing')
  const column = differingColumn(shape, plaintext, seal.row.values)
  return column === null ? verdict('same') : verdict('plaintext-differs', column)
}

function judgeUpstream(
  { table, id, twin }: RowSides,
  keys: RouterKeys,
  { queued, server }: Upstream,
): Verdict {
  if (queued.length > 0) return verdict('waits-to-upload')
  if (twin === null) return verdict(server.row === null ? 'same' : 'device-missing')
  if (server.row === null) return verdict('server-missing')
  const shape = shapeOf(table)
  if (isSameRow(shape, twin, server.row)) return verdict('same')
  const [ours, theirs] = [twin, server.row].map((row) => sealState(shape, keys, id, row, 0))
  // Two envelopes of one value differ: what they hold is what somebody could have changed.
  const column =
    ours?.state === 'sound' && theirs?.state === 'sound'
      ? differingColumn(shape, ours.row.values, theirs.row.values)
      : differingVisibleColumn(shape, twin, server.row)
  const reason = theirs === undefined || theirs.state === 'sound' ? null : theirs.reason
  return { kind: 'server-differs', column, reason }
}

function isSameRow(shape: RowShape, twin: TwinValues, other: TwinValues): boolean {
  return shape.twinNames.every((name) => isSameCell(twin[name], other[name]))
}

function differingVisibleColumn(
  shape: RowShape,
  one: LocalValues,
  other: LocalValues,
): string | null {
  const visible = ownFirst(shape).filter(({ sealedAs }) => sealedAs === null)
  return visible.find(({ name }) => !isSameCell(one[name], other[name]))?.name ?? null
}

/** The time of a change differs with every change: what was changed comes first. */
function ownFirst({ columns }: RowShape): readonly ShapeColumn[] {
  const isCommon = ({ name }: ShapeColumn) => name in commonColumns
  return [...columns.filter((column) => !isCommon(column)), ...columns.filter(isCommon)]
}

/** An integer is the same whether it came as a number or as a bigint. */
function isSameCell(one: LocalValue | undefined, other: LocalValue | undefined): boolean {
  const [a, b] = [one ?? null, other ?? null]
  if (a === null || b === null) return a === b
  return String(a) === String(b)
}

function verdict(kind: VerdictKind, column: string | null = null): Verdict {
  return { kind, column, reason: null }
}
