import type { SyncState } from '../../data/session-types.ts'
import type { Comparison, TableComparison } from './compare-everything.ts'
import type { InspectedRow } from './inspect-rows.ts'
import type { Pipeline } from './pipeline.ts'
import type { RepairedRow } from './repair-rows.ts'
import { sealOf } from './row-facts.ts'

/** What a person may hand to somebody who helps: ids, states and counts, and no value of a row. */
export function buildReport(input: {
  readonly at: number
  readonly sync: SyncState
  readonly pipeline: Pipeline
  readonly comparison: Comparison | null
  readonly repaired: readonly RepairedRow[]
}): object {
  const { at, sync, pipeline, comparison, repaired } = input
  return {
    report: 'sealbook-diagnostics',
    format: 1,
    at,
    sync: { kind: sync.kind, waiting: sync.waiting, lastSyncedAt: sync.lastSyncedAt },
    pipeline,
    comparison:
      comparison === null
        ? null
        : {
            at: comparison.at,
            server: comparison.failure === null ? 'asked' : comparison.failure.kind,
            tables: comparison.tables.map(reportTable),
          },
    repaired,
  }
}

function reportTable(table: TableComparison): object {
  const { plaintextRows, twinRows, serverRows, moving, hasMore, serverDigest } = table
  return {
    table: table.table,
    plaintextRows,
    twinRows,
    serverRows,
    moving,
    digestsAgree: serverDigest === null ? null : serverDigest === table.deviceDigest,
    differing: table.differing.map(reportRow),
    hasMore,
  }
}

function reportRow({ sides, queued, server, verdict }: InspectedRow): object {
  return {
    id: sides.id,
    ...verdict,
    plaintext: sides.plaintext !== null,
    twin: sealOf(sides.twin),
    queued,
    server: sealOf(server?.row ?? null),
    deletedRevision: server?.deletedRevision ?? null,
    sealNote: sides.sealNote,
    openNote: sides.openNote,
    accepted: sides.seen?.accepted ?? null,
  }
}
