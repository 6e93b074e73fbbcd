import { Check, GitCompareArrows, Wrench } from 'lucide-react'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { countText } from '../../platform/locale.ts'
import { agoWords } from '../../ui/ago-words.ts'
import { Button } from '../../ui/button.tsx'
import { ProgressBar } from '../../ui/progress.tsx'
import { Badge, Card, Notice } from '../../ui/surface.tsx'
import type { TableComparison } from './compare-everything.ts'
import { DifferenceList } from './difference-list.tsx'
import type { Diagnosis } from './use-diagnosis.ts'
import { entityNames } from './words.ts'

/** Everything against everything, and what to do about what differs. */
export function ComparisonCard({ diagnosis }: { diagnosis: Diagnosis }) {
  const { comparison, progress, work } = diagnosis
  const differing = comparison?.tables.flatMap((table) => table.differing) ?? []
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-4">
        <div className="min-w-0 grow basis-64">
          <p className="font-semibold" role="status">
            {titleOf(diagnosis, differing.length)}
          </p>
          <p className="text-sm text-ink-soft">
            Opens every sealed copy again, and compares it with the ledger and with the server.
          </p>
        </div>
        <div className="flex flex-wrap gap-2.5">
          {differing.length > 0 && (
            <Button
              icon={<Wrench className="size-4" aria-hidden />}
              isPending={work === 'repairing'}
              isDisabled={work === 'comparing'}
              onPress={() => void diagnosis.repairAll()}
            >
              Repair all
            </Button>
          )}
          <Button
            variant="primary"
            icon={<GitCompareArrows className="size-4" aria-hidden />}
            isPending={work === 'comparing'}
            isDisabled={work === 'repairing'}
            onPress={() => void diagnosis.compare()}
          >
            Compare everything
          </Button>
        </div>
      </div>
      {work === 'comparing' && progress !== null && (
        <div className="mt-4">
          <ProgressBar
            label="Rows compared"
            value={progress.total === 0 ? null : progress.done / progress.total}
          />
          <p className="mt-1.5 text-sm text-ink-soft tabular-nums">
            {countText(progress.done)} of {countText(progress.total)} rows
          </p>
        </div>
      )}
      {comparison !== null && comparison.failure !== null && (
        <Notice tone="warning" className="mt-4">
          {serverFailureSentence(comparison.failure)} Only this device was compared with itself.
        </Notice>
      )}
      {comparison !== null && (
        <ul className="mt-5 border-t border-line" aria-label="Tables">
          {comparison.tables.map((table) => (
            <TableLine key={table.table} table={table} />
          ))}
        </ul>
      )}
      <DifferenceList diagnosis={diagnosis} />
    </Card>
  )
}

function titleOf({ comparison, work }: Diagnosis, differing: number): string {
  if (work === 'comparing') return 'Comparing'
  if (work === 'repairing') return 'Repairing'
  if (comparison === null) return 'Compare this device with the server'
  if (differing > 0) return differing === 1 ? '1 row differs' : `${differing} rows differ`
  const where = comparison.failure === null ? '' : ' on this device'
  return `Nothing differs${where}, ${agoWords(comparison.at, comparison.at)}`
}

function TableLine({ table }: { table: TableComparison }) {
  const { plaintextRows, twinRows, serverRows, moving, differing, hasMore } = table
  const server = serverRows === null ? 'not asked' : countText(serverRows)
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5 border-b border-line py-3">
      <div className="min-w-0 grow basis-72">
        <p className="font-medium">{entityNames[table.table]}</p>
        <p className="text-sm text-ink-soft tabular-nums">
          Ledger {countText(plaintextRows)} · sealed {countText(twinRows)} · server {server}
        </p>
        <p className="font-mono text-xs break-all text-ink-faint">
          {fingerprint(table.deviceDigest)} · {fingerprint(table.serverDigest)}
        </p>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {moving > 0 && <Badge>{countText(moving)} on their way</Badge>}
        {differing.length > 0 ? (
          <Badge tone="danger">
            {differing.length}
            {hasMore ? ' and more' : ''} {differing.length === 1 ? 'differs' : 'differ'}
          </Badge>
        ) : (
          <Badge tone="accent">
            <Check className="size-3" aria-hidden />
            {serverRows === null ? 'Same here' : 'Same'}
          </Badge>
        )}
      </div>
    </li>
  )
}

/** Enough of a digest to see whether two are the same. */
function fingerprint(digest: string | null): string {
  return digest === null ? 'not asked' : digest.slice(0, 12)
}
