import type { AbstractPowerSyncDatabase } from '@powersync/common'
import {
  countConflicts,
  readRouterProgress,
  readRowFaults,
  type RowFaultState,
} from '@sealbook/crypto-router'
import { countProblems } from '@sealbook/sync-client'
import { countMisfits } from '../../data/misfits.ts'

/** Counts along the way between screen and server. */
export interface Pipeline {
  readonly toSeal: number
  readonly toOpen: number
  readonly queued: number
  /** When the oldest queued change was made; null where the queue is empty or does not tell. */
  readonly oldestQueuedAt: number | null
  readonly refusals: number
  readonly clashes: number
  readonly faults: Readonly<Record<RowFaultState, number>>
  /** Transactions that do not fit what belongs to them. */
  readonly misfits: number
  readonly database: { readonly bytes: number; readonly freeBytes: number }
}

/** Tables whose changes move a count. */
export const pipelineTables = [
  'ps_crud',
  'router_out',
  'router_in',
  'router_faults',
  'router_unruly',
  'router_conflicts',
  'upload_problems',
  'misfits',
] as const

export async function readPipeline(db: AbstractPowerSyncDatabase): Promise<Pipeline> {
  const { pendingSeal, pendingOpen } = await readRouterProgress(db)
  const queue = await db.get<{ entries: number; oldest: number | null }>(oldestSql)
  const file = await db.get<{ bytes: number; free_bytes: number }>(fileSql)
  const faults = { locked: 0, 'stale-key': 0, tampered: 0, unsealable: 0, unruly: 0 }
  for (const { state } of await readRowFaults(db)) faults[state]++
  return {
    toSeal: pendingSeal,
    toOpen: pendingOpen,
    queued: queue.entries,
    oldestQueuedAt: queue.oldest,
    refusals: await countProblems(db),
    clashes: await countConflicts(db),
    faults,
    misfits: await countMisfits(db),
    database: { bytes: file.bytes, freeBytes: file.free_bytes },
  }
}

/** The queue keeps no times; what it uploads has the time of the person's change, but for deletes. */
const oldestSql = `SELECT (SELECT count(*) FROM ps_crud) AS entries,
  (SELECT data ->> '$.data.updated_at' FROM ps_crud
    WHERE data ->> '$.data.updated_at' IS NOT NULL ORDER BY id LIMIT 1) AS oldest`

const fileSql = `SELECT page_count * page_size AS bytes, freelist_count * page_size AS free_bytes
  FROM pragma_page_count, pragma_page_size, pragma_freelist_count`
