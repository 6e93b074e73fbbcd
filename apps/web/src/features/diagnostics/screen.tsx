import { useCallback, useEffect, useState } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { isEntityTable, type EntityTable } from '@sealbook/schema'
import { readDeviceStorage, type DeviceStorage } from '../../data/device-storage.ts'
import { useInspection, useSyncState } from '../../data/session-context.tsx'
import type { ServerFailure } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { Page, PageHeader, Section } from '../../ui/page.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card } from '../../ui/surface.tsx'
import { ComparisonCard } from './comparison-card.tsx'
import { inspectRow, type InspectedRow } from './inspect-rows.ts'
import { PipelineCard } from './pipeline-card.tsx'
import { pipelineTables, readPipeline, type Pipeline } from './pipeline.ts'
import { buildReport } from './report.ts'
import { RowCard } from './row-card.tsx'
import { RowFinder } from './row-finder.tsx'
import { useDiagnosis, type Diagnosis } from './use-diagnosis.ts'

/** Which copy is lying: a row's way from the screen to the server, for one row or for all. */
export function DiagnosticsScreen() {
  const inspection = useInspection()
  const sync = useSyncState()
  const diagnosis = useDiagnosis()
  const { pipeline, storage } = usePipeline()
  const exportReport = () => {
    if (pipeline === null) return
    const { comparison, repaired } = diagnosis
    saveFile(buildReport({ at: Date.now(), sync, pipeline, comparison, repaired }))
  }
  return (
    <Page>
      <PageHeader
        title="Diagnostics"
        description="Where your changes are, and which copy is right."
        actions={
          <Button
            icon={<Download className="size-4" aria-hidden />}
            isDisabled={pipeline === null}
            onPress={exportReport}
          >
            Export a report
          </Button>
        }
      />
      <Section title="On this device">
        {pipeline === null ? (
          <Card>
            <Skeleton className="h-5 w-56" />
            <Skeleton className="mt-3 h-4 w-72" />
          </Card>
        ) : (
          <PipelineCard pipeline={pipeline} storage={storage} place={inspection.storage} />
        )}
      </Section>
      <Section title="Everything">
        <ComparisonCard diagnosis={diagnosis} />
      </Section>
      <OneRow diagnosis={diagnosis} />
      <p className="mt-8 text-sm text-ink-faint">
        A report holds ids, states and counts. It holds no amount, no name and no other value.
      </p>
    </Page>
  )
}

function OneRow({ diagnosis }: { diagnosis: Diagnosis }) {
  const inspection = useInspection()
  const navigate = useNavigate()
  const search: { readonly table?: unknown; readonly id?: unknown } = useSearch({ strict: false })
  const named =
    typeof search.table === 'string' && isEntityTable(search.table) ? search.table : null
  const [chosen, setChosen] = useState<EntityTable>('transactions')
  const table = named ?? chosen
  const id = named !== null && typeof search.id === 'string' ? search.id : null
  const { looked, reload } = useInspectedRow(table, id, diagnosis)
  return (
    <Section title="One row">
      <div className="flex flex-col gap-4">
        <Card>
          <RowFinder
            table={table}
            onTableChange={(next) => {
              setChosen(next)
              void navigate({ href: '/diagnostics', replace: true, resetScroll: false })
            }}
          />
        </Card>
        {looked !== null && (
          <RowCard
            row={looked.row}
            failure={looked.failure}
            keys={inspection.keys}
            isWorking={diagnosis.work === 'repairing'}
            onReload={reload}
            onRepair={() => void diagnosis.repair([{ table, id: looked.row.sides.id }])}
          />
        )}
      </div>
    </Section>
  )
}

interface Looked {
  readonly row: InspectedRow
  readonly failure: ServerFailure | null
}

/** Looks again after every repair, and when asked to. */
function useInspectedRow(table: EntityTable, id: string | null, { repaired }: Diagnosis) {
  const inspection = useInspection()
  const [looked, setLooked] = useState<Looked | null>(null)
  const [looks, setLooks] = useState(0)
  useEffect(() => {
    let isGone = false
    void (id === null ? null : inspectRow(inspection, table, id))?.then(({ row, failure }) => {
      if (!isGone) setLooked(row === null ? null : { row, failure })
    })
    return () => {
      isGone = true
    }
  }, [inspection, table, id, looks, repaired])
  const isCurrent = looked?.row.sides.id === id && looked.row.sides.table === table
  return {
    looked: isCurrent ? looked : null,
    reload: useCallback(() => setLooks((count) => count + 1), []),
  }
}

/** After a change, the screen's queries go first. */
const readDelayMs = 300
/** Some journals have no change events. */
const pollMs = 5_000

function usePipeline(): {
  readonly pipeline: Pipeline | null
  readonly storage: DeviceStorage | null
} {
  const { db } = useInspection()
  const [pipeline, setPipeline] = useState<Pipeline | null>(null)
  const [storage, setStorage] = useState<DeviceStorage | null>(null)
  useEffect(() => {
    const leaving = new AbortController()
    const read = async () => {
      try {
        const [counts, stored] = await Promise.all([readPipeline(db), readDeviceStorage()])
        if (leaving.signal.aborted) return
        setPipeline(counts)
        setStorage(stored)
      } catch (error) {
        // A database that closes under a query is no failure.
        if (!leaving.signal.aborted && !db.closed) throw error
      }
    }
    void read()
    db.onChangeWithCallback(
      { onChange: () => void read() },
      { tables: [...pipelineTables], throttleMs: readDelayMs, signal: leaving.signal },
    )
    const timer = setInterval(() => void read(), pollMs)
    return () => {
      leaving.abort()
      clearInterval(timer)
    }
  }, [db])
  return { pipeline, storage }
}

function saveFile(report: object): void {
  const json = new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(json)
  link.download = 'sealbook-diagnostics.json'
  link.click()
  URL.revokeObjectURL(link.href)
}
