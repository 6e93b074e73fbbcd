import { Fragment, type ReactNode } from 'react'
import { sealState, shapeOf, type RouterKeys } from '@sealbook/crypto-router'
import { RefreshCw, Wrench } from 'lucide-react'
import { serverFailureSentence } from '../../data/server-failure.ts'
import type { ServerFailure } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Badge, Card, Notice } from '../../ui/surface.tsx'
import type { InspectedRow } from './inspect-rows.ts'
import { fieldLines } from './row-fields.ts'
import { sealOf } from './row-facts.ts'
import { entityNames, verdictWords, type Gap, type Tone } from './words.ts'

/** One row, side by side, and where its way is broken. */
export function RowCard({
  row,
  failure,
  keys,
  isWorking,
  onReload,
  onRepair,
}: {
  row: InspectedRow
  failure: ServerFailure | null
  keys: RouterKeys
  isWorking: boolean
  onReload: () => void
  onRepair: () => void
}) {
  const { sides, verdict } = row
  const { chip, tone, gap, sentence } = verdictWords(verdict)
  return (
    <Card>
      <section aria-label="The row, side by side">
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 grow basis-64">
            <h3 className="flex flex-wrap items-center gap-2.5 font-semibold">
              {entityNames[sides.table]} <Badge tone={tone}>{chip}</Badge>
            </h3>
            <p className="mt-0.5 font-mono text-sm break-all text-ink-soft">{sides.id}</p>
          </div>
          <div className="flex gap-2.5">
            {gap !== null && (
              <Button
                size="sm"
                variant="primary"
                isPending={isWorking}
                icon={<Wrench className="size-4" aria-hidden />}
                onPress={onRepair}
              >
                Repair this row
              </Button>
            )}
            <Button
              size="sm"
              icon={<RefreshCw className="size-4" aria-hidden />}
              onPress={onReload}
            >
              Look again
            </Button>
          </div>
        </div>
        <p className="mt-3" role="status">
          {sentence}
        </p>
        {failure !== null && (
          <Notice tone="warning" className="mt-3">
            {serverFailureSentence(failure)}
          </Notice>
        )}
        <Stations row={row} keys={keys} gap={gap} />
        <Fields row={row} />
      </section>
    </Card>
  )
}

interface Station {
  readonly name: string
  readonly state: string
  readonly tone: Tone
  readonly facts: readonly string[]
}

/** The row's way from the screen to the server, with the gap where it is broken. */
function Stations({ row, keys, gap }: { row: InspectedRow; keys: RouterKeys; gap: Gap | null }) {
  const stations = stationsOf(row, keys)
  return (
    <ol aria-label="The row's way" className="mt-5 flex flex-col desk:flex-row desk:items-stretch">
      {stations.map((station, at) => (
        <Fragment key={station.name}>
          {at > 0 && <Way isBroken={isBrokenBefore(at, gap)} />}
          <li className="min-w-0 grow basis-0 rounded-lg border border-line bg-raised p-3.5">
            <p className="flex items-center justify-between gap-2 desk:flex-col desk:items-start">
              <span className="text-sm font-semibold">{station.name}</span>
              <Badge tone={station.tone}>{station.state}</Badge>
            </p>
            <ul className="mt-1.5 text-sm text-ink-soft tabular-nums">
              {station.facts.map((fact) => (
                <li key={fact} className="break-words">
                  {fact}
                </li>
              ))}
            </ul>
          </li>
        </Fragment>
      ))}
    </ol>
  )
}

/** Ledger 0, sealed copy 1, queue 2, server 3. */
function isBrokenBefore(station: number, gap: Gap | null): boolean {
  return (gap === 'ledger-sealed' && station === 1) || (gap === 'sealed-server' && station === 3)
}

function Way({ isBroken }: { isBroken: boolean }) {
  return (
    <li
      role="presentation"
      className={cx(
        'mx-auto h-4 w-0 self-center border-l-2 desk:mx-0 desk:h-0 desk:w-4 desk:border-t-2 desk:border-l-0',
        isBroken ? 'border-dashed border-danger' : 'border-line-strong',
      )}
    />
  )
}

function stationsOf({ sides, queued, server }: InspectedRow, keys: RouterKeys): Station[] {
  const last = queued.at(-1)
  return [
    {
      name: 'Ledger',
      ...(sides.plaintext === null ? absent : here),
      facts: sides.sealNote === null ? [] : [`A change waits to be sealed (${sides.sealNote})`],
    },
    {
      name: 'Sealed copy',
      ...storedStation(sides.table, sides.id, sides.twin, keys, sides.seen?.accepted ?? 0),
    },
    {
      name: 'Queue',
      state: queued.length === 0 ? 'Empty' : `${queued.length} waiting`,
      tone: queued.length === 0 ? 'neutral' : 'warning',
      facts:
        last === undefined
          ? []
          : [`${last.op}${last.revision === null ? '' : `, revision ${last.revision}`}`],
    },
    server === null
      ? { name: 'Server', state: 'Not asked', tone: 'neutral', facts: [] }
      : {
          name: 'Server',
          ...storedStation(sides.table, sides.id, server.row, keys, 0),
          ...(server.deletedRevision === null
            ? {}
            : { facts: [`Deleted at revision ${server.deletedRevision}`] }),
        },
  ]
}

const absent = { state: 'Not there', tone: 'neutral' } as const
const here = { state: 'There', tone: 'accent' } as const

function storedStation(
  table: string,
  id: string,
  stored: NonNullable<InspectedRow['sides']['twin']> | null,
  keys: RouterKeys,
  accepted: number,
): Omit<Station, 'name'> {
  const facts = sealOf(stored)
  if (stored === null || facts === null) return { ...absent, facts: [] }
  const seal = sealState(shapeOf(table), keys, id, stored, accepted)
  return {
    state: seal.state === 'sound' ? 'Seal sound' : sealWords[seal.state],
    tone: seal.state === 'sound' ? 'accent' : seal.state === 'tampered' ? 'danger' : 'warning',
    facts: [
      `Revision ${facts.revision ?? 'unknown'}`,
      `Key version ${facts.keyVersion ?? 'unknown'}`,
      ...(seal.state === 'sound' ? [] : [`Reason: ${seal.reason}`]),
    ],
  }
}

const sealWords = {
  locked: 'Locked',
  'stale-key': 'Key or form unknown',
  tampered: 'Seal broken',
} as const

function Fields({ row }: { row: InspectedRow }) {
  const cell = 'min-w-0 font-mono text-sm break-all'
  return (
    <div role="table" aria-label="Columns" className="mt-6 text-sm">
      <div
        role="row"
        className="hidden gap-x-4 border-b border-line pb-2 font-medium text-ink-faint desk:grid desk:grid-cols-[10rem_repeat(3,minmax(0,1fr))]"
      >
        {['Column', 'Ledger', 'Sealed copy', 'Server'].map((heading) => (
          <span role="columnheader" key={heading}>
            {heading}
          </span>
        ))}
      </div>
      {fieldLines(row).map(({ name, ledger, sealed, server, isFirstDifference }) => (
        <div
          role="row"
          key={name}
          className={cx(
            'grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-4 gap-y-0.5 border-b border-line py-2.5 last:border-0 desk:grid-cols-[10rem_repeat(3,minmax(0,1fr))]',
            isFirstDifference && '-mx-3 rounded-md border-transparent bg-danger-soft px-3',
          )}
        >
          <span role="rowheader" className="col-span-2 font-medium break-words desk:col-span-1">
            {name}
            {isFirstDifference && (
              <span className="block text-xs text-danger">First difference</span>
            )}
          </span>
          <PhoneLabel>Ledger</PhoneLabel>
          <span role="cell" className={cell}>
            {ledger}
          </span>
          <PhoneLabel>Sealed copy</PhoneLabel>
          <span role="cell" className={cell}>
            {sealed}
          </span>
          <PhoneLabel>Server</PhoneLabel>
          <span role="cell" className={cell}>
            {server}
          </span>
        </div>
      ))}
    </div>
  )
}

function PhoneLabel({ children }: { children: ReactNode }) {
  return (
    <span aria-hidden className="text-ink-faint desk:hidden">
      {children}
    </span>
  )
}
