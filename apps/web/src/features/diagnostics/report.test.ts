import { entities, localColumns } from '@sealbook/schema'
import { describe, expect, it } from 'vitest'
import { unknownSyncState } from '../../data/sync-state.ts'
import type { TableComparison } from './compare-everything.ts'
import type { Pipeline } from './pipeline.ts'
import { buildReport } from './report.ts'

const pipeline: Pipeline = {
  toSeal: 1,
  toOpen: 2,
  queued: 3,
  oldestQueuedAt: 4,
  refusals: 5,
  clashes: 6,
  faults: { locked: 0, 'stale-key': 0, tampered: 1, unsealable: 0, unruly: 0 },
  misfits: 0,
  database: { bytes: 7, freeBytes: 8 },
}

describe('buildReport', () => {
  it('has every row, and no value of any column of any entity, visible or sealed', () => {
    const markers: string[] = []
    const mark = (what: string) => {
      const marker = `marker ${what}`
      markers.push(marker)
      return marker
    }
    const tables = entities.map((entity, number): TableComparison => {
      const values = (side: string) =>
        Object.fromEntries(
          Object.keys(localColumns(entity)).map((name) => [
            name,
            mark(`${entity.table}.${name} ${side}`),
          ]),
        )
      return {
        table: entity.table,
        plaintextRows: number,
        twinRows: number,
        serverRows: number,
        moving: 0,
        deviceDigest: mark(`digest of ${entity.table}`),
        serverDigest: mark(`other digest of ${entity.table}`),
        hasMore: false,
        differing: [
          {
            sides: {
              table: entity.table,
              id: `row of ${entity.table}`,
              plaintext: values('here'),
              twin: { ...values('sealed'), revision: 4, seal: mark(`seal of ${entity.table}`) },
              seen: { seal: mark(`seen seal of ${entity.table}`), accepted: 3 },
              sealNote: null,
              openNote: null,
              owed: null,
            },
            queued: [{ op: 'PATCH', revision: 4 }],
            server: { row: { ...values('there'), revision: 5 }, deletedRevision: null },
            verdict: { kind: 'server-differs', column: 'payee', reason: null },
          },
        ],
      }
    })
    const report = JSON.stringify(
      buildReport({
        at: 9,
        sync: unknownSyncState,
        pipeline,
        comparison: { at: 10, tables, failure: null },
        repaired: [
          { table: 'accounts', id: 'mended', repair: { did: 'left', why: 'needs-server' } },
        ],
      }),
    )
    for (const marker of markers) expect(report).not.toContain(marker)
    for (const { table } of entities) expect(report).toContain(`row of ${table}`)
    expect(report).toContain('mended')
    expect(markers.length).toBeGreaterThan(200)
  })
})
