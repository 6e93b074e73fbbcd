import type { ReactNode } from 'react'
import { Badge } from '../../ui/surface.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import type { Diagnosis } from './use-diagnosis.ts'
import { entityNames, repairSentence, verdictWords } from './words.ts'

/** The rows that differ, and under them what repairs did. */
export function DifferenceList({ diagnosis }: { diagnosis: Diagnosis }) {
  const { comparison, repaired, work } = diagnosis
  const differing = comparison?.tables.flatMap((table) => table.differing) ?? []
  return (
    <>
      {differing.length > 0 && (
        <ul className="mt-5 flex flex-col gap-3" aria-label="Rows that differ">
          {differing.map(({ sides, verdict }) => {
            const { chip, tone, sentence } = verdictWords(verdict)
            return (
              <li key={`${sides.table} ${sides.id}`} className="rounded-lg bg-sunken p-4">
                <RowName table={sides.table} id={sides.id}>
                  <Badge tone={tone}>{chip}</Badge>
                </RowName>
                <p className="mt-1.5 text-sm text-ink-soft">{sentence}</p>
                <div className="mt-3 flex flex-wrap gap-2.5">
                  <LinkButton size="sm" href={`/diagnostics?table=${sides.table}&id=${sides.id}`}>
                    Look at it
                  </LinkButton>
                  <Button
                    size="sm"
                    isDisabled={work !== null}
                    onPress={() => void diagnosis.repair([{ table: sides.table, id: sides.id }])}
                  >
                    Repair
                  </Button>
                </div>
              </li>
            )
          })}
        </ul>
      )}
      {repaired.length > 0 && (
        <section aria-label="What was repaired" className="mt-6">
          <h3 className="mb-2 text-sm font-semibold text-ink-soft">What was done</h3>
          <ul className="flex flex-col gap-3 text-sm" aria-live="polite">
            {repaired.map(({ table, id, repair }, at) => (
              <li key={at} className="border-l-2 border-line pl-3">
                <RowName table={table} id={id}>
                  <Badge tone={repair.did === 'left' ? 'warning' : 'accent'}>
                    {repair.did === 'left' ? 'Left' : 'Repaired'}
                  </Badge>
                </RowName>
                <p className="text-ink-soft">{repairSentence(repair)}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function RowName({
  table,
  id,
  children,
}: {
  table: keyof typeof entityNames
  id: string
  children: ReactNode
}) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="font-medium">{entityNames[table]}</span>
      <span className="min-w-0 font-mono text-sm break-all text-ink-soft">{id}</span>
      {children}
    </div>
  )
}
