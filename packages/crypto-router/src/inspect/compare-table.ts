import { entityOf } from '@sealbook/schema'
import { digestColumns, TableDigester, type SliceDigest } from '@sealbook/schema/digest'
import type { RouterKeys } from '../seal-step.ts'
import type { RowShape } from '../shapes.ts'
import type { SqlTransaction } from '../sql.ts'
import { idsBySlice, readSides, type RowSides } from './sides.ts'
import { isDifference, judge, type Verdict } from './verdict.ts'

/** A row that is not as it should be. */
export interface JudgedRow {
  readonly id: string
  readonly verdict: Verdict
}

/** One table of one workspace, as this device has it. */
export interface DeviceTable {
  readonly plaintextRows: number
  readonly twinRows: number
  /** Rows between plaintext and twin, or on their way through the router. */
  readonly moving: number
  /** Of the twins. */
  readonly digests: readonly SliceDigest[]
  /** The first of them only, by slice, then id. */
  readonly differing: readonly JudgedRow[]
  readonly differingCount: number
}

export interface CompareOptions {
  readonly workspaceId: string
  readonly signal: AbortSignal
  /** Rows that were looked at since the last call. */
  readonly onRows: (rows: number) => void
}

/** Few enough that opening them leaves the screen's frames alone. */
const rowsAtOnce = 200
/** More than a person looks at; the count goes on. */
const mostListed = 200

/**
 * Opens every twin of a table again and compares it with its plaintext row, and digests the twins
 * on the way. Rows that the router has noted are on their way and no difference.
 */
export async function compareTable(
  db: Pick<SqlTransaction, 'executeRaw'>,
  shape: RowShape,
  keys: RouterKeys,
  { workspaceId, signal, onRows }: CompareOptions,
): Promise<DeviceTable> {
  const digester = new TableDigester(digestColumns(entityOf(shape.table)))
  const differing: JudgedRow[] = []
  const counts = { plaintextRows: 0, twinRows: 0, moving: 0, differingCount: 0 }
  const ids = [...(await idsBySlice(db, shape, signal)).values()].flat()
  for (let start = 0; start < ids.length; start += rowsAtOnce) {
    signal.throwIfAborted()
    const chunk = ids.slice(start, start + rowsAtOnce)
    for (const sides of await readSides(db, shape, chunk)) {
      if (!belongsTo(sides, workspaceId)) continue
      if (sides.plaintext !== null) counts.plaintextRows++
      if (sides.twin !== null && sides.twin['workspace_id'] === workspaceId) {
        counts.twinRows++
        digester.add({ ...sides.twin, id: sides.id })
      }
      const verdict = judge(sides, keys)
      if (verdict.kind.startsWith('waits-')) counts.moving++
      if (!isDifference(verdict)) continue
      counts.differingCount++
      if (differing.length < mostListed) differing.push({ id: sides.id, verdict })
    }
    onRows(chunk.length)
  }
  return { ...counts, digests: await digester.finish(), differing }
}

/** A row that says different workspaces on its two sides belongs to both. */
export function belongsTo({ plaintext, twin }: RowSides, workspaceId: string): boolean {
  return plaintext?.['workspace_id'] === workspaceId || twin?.['workspace_id'] === workspaceId
}
