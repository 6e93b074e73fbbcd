import { useState, type ReactNode } from 'react'
import { useSyncState } from '../../data/session-context.tsx'
import type { DeviceStorage } from '../../data/device-storage.ts'
import type { DatabaseStorage } from '../../data/device-store.ts'
import type { SyncState } from '../../data/session-types.ts'
import { countText } from '../../platform/locale.ts'
import { agoWords } from '../../ui/ago-words.ts'
import { formatBytes } from '../../ui/bytes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Badge, Card } from '../../ui/surface.tsx'
import type { Pipeline } from './pipeline.ts'
import type { Tone } from './words.ts'

/** Where changes are, in counts. */
export function PipelineCard({
  pipeline,
  storage,
  place,
}: {
  pipeline: Pipeline
  /** Null until the browser has told. */
  storage: DeviceStorage | null
  place: DatabaseStorage
}) {
  const sync = useSyncState()
  const [nowMs] = useState(() => Date.now())
  const { queued, oldestQueuedAt, refusals, clashes, faults } = pipeline
  const decisions = refusals + clashes
  const oldest =
    queued === 0
      ? 'Nothing waits'
      : oldestQueuedAt === null
        ? 'Age not known'
        : `Oldest ${agoWords(oldestQueuedAt, nowMs)}`
  return (
    <Card flush>
      <dl className="grid grid-cols-2 gap-px bg-line desk:grid-cols-3">
        <Fact term="Waiting to be sent" value={countText(queued)} detail={oldest} />
        <Fact
          term="Last in step"
          value={sync.lastSyncedAt === null ? 'Not yet' : agoWords(sync.lastSyncedAt, nowMs)}
          detail={lineWords(sync.kind)}
        />
        <Fact
          term="In the router"
          value={countText(pipeline.toSeal + pipeline.toOpen)}
          detail={
            (sync.kind === 'router-waiting' ? 'No tab answers who does it. ' : '') +
            `${countText(pipeline.toSeal)} to seal, ${countText(pipeline.toOpen)} to open`
          }
        />
        <Fact
          term="Seals broken"
          value={<Count count={faults.tampered} tone="danger" />}
          detail={faultDetail(pipeline)}
        />
        <Fact
          term="Refused or changed twice"
          value={<Count count={decisions} tone="warning" />}
          detail={
            decisions === 0 ? (
              'Nothing to decide'
            ) : (
              <LinkButton href="/problems" size="sm" className="mt-1">
                Look at them
              </LinkButton>
            )
          }
        />
        <Fact
          term="Storage"
          value={formatBytes(storage?.usedBytes ?? pipeline.database.bytes)}
          detail={storageWords(storage, place, pipeline)}
        />
      </dl>
    </Card>
  )
}

function lineWords(kind: SyncState['kind']): string {
  switch (kind) {
    case 'signed-out':
      return 'Signed out here'
    case 'offline':
      return 'Offline now'
    case 'router-waiting':
      return 'Another tab blocks'
    case 'waiting':
    case 'syncing':
    case 'up-to-date':
    case 'problems':
      return 'With the server'
  }
}

function faultDetail({ faults, misfits }: Pipeline): string {
  const { unruly } = faults
  return [
    `${countText(faults.locked + faults['stale-key'])} wait for a key`,
    ...(unruly > 0 ? [`${countText(unruly)} hold a value that cannot be used`] : []),
    ...(misfits > 0 ? [`${countText(misfits)} do not add up`] : []),
  ].join(', ')
}

function Fact({ term, value, detail }: { term: string; value: ReactNode; detail: ReactNode }) {
  return (
    <div className="min-w-0 bg-surface px-5 py-4 tab:px-6">
      <dt className="text-sm text-ink-soft">{term}</dt>
      <dd className="mt-0.5 text-lg font-semibold break-words tabular-nums">{value}</dd>
      <dd className="text-sm break-words text-ink-faint">{detail}</dd>
    </div>
  )
}

function Count({ count, tone }: { count: number; tone: Tone }) {
  if (count === 0) return <>None</>
  return <Badge tone={tone}>{countText(count)}</Badge>
}

function storageWords(
  storage: DeviceStorage | null,
  place: DatabaseStorage,
  { database }: Pipeline,
): string {
  const where = place === 'opfs' ? 'the private file system' : 'IndexedDB'
  const quota = storage?.quotaBytes ?? null
  const room = quota === null ? '' : `Of ${formatBytes(quota)} allowed. `
  return `${room}The ledger has ${formatBytes(database.bytes)} in ${where}.`
}
