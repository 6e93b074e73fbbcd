import { useState, type ComponentType } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import {
  Check,
  CloudOff,
  CloudUpload,
  Hourglass,
  LogIn,
  RefreshCw,
  TriangleAlert,
} from 'lucide-react'
import { useSyncState, useTakeOver } from '../../data/session-context.tsx'
import type { SyncState } from '../../data/session-types.ts'
import { countText } from '../../platform/locale.ts'
import { agoWords } from '../../ui/ago-words.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Popover } from '../../ui/popover.tsx'
import { ProgressBar } from '../../ui/progress.tsx'
import { leftWords, syncLabel, syncSentence } from './sync-sentence.ts'

const looks: Record<
  SyncState['kind'],
  { icon: ComponentType<{ className?: string }>; tile: string }
> = {
  'signed-out': { icon: LogIn, tile: 'bg-warning-soft text-warning' },
  offline: { icon: CloudOff, tile: 'bg-sunken text-ink-soft' },
  waiting: { icon: CloudUpload, tile: 'bg-warning-soft text-warning' },
  syncing: { icon: RefreshCw, tile: 'bg-accent-soft text-accent-ink' },
  'up-to-date': { icon: Check, tile: 'bg-accent-soft text-accent-ink' },
  problems: { icon: TriangleAlert, tile: 'bg-danger-soft text-danger' },
  'router-waiting': { icon: Hourglass, tile: 'bg-warning-soft text-warning' },
}

/** Always in sight: where the changes of this device are. A press tells more. */
export function SyncIndicator({ layout }: { layout: 'sidebar' | 'bar' }) {
  const state = useSyncState()
  const label = syncLabel(state)
  const { icon: Icon, tile } = looks[state.kind]
  const trigger = (
    <AriaButton
      aria-label={`Sync: ${label}`}
      className={cx(
        'flex min-h-11 cursor-pointer items-center gap-2.5 rounded-md text-sm font-medium text-ink-soft transition-colors duration-150 data-hovered:bg-hover data-hovered:text-ink',
        layout === 'sidebar' ? 'w-full px-2.5' : 'px-2',
      )}
    >
      <span className={cx('grid size-7 shrink-0 place-items-center rounded-full', tile)}>
        {/* What is over in a moment does not move. */}
        <Icon className={cx('size-4', state.kind === 'syncing' && 'animate-spin-late')} />
      </span>
      <span className="truncate">{label}</span>
    </AriaButton>
  )
  return (
    <>
      <Popover
        label="Sync details"
        trigger={trigger}
        placement={layout === 'sidebar' ? 'top start' : 'bottom end'}
      >
        {(close) => <Details state={state} onLeave={close} />}
      </Popover>
      <span role="status" className="sr-only">
        {state.kind === 'syncing' || state.kind === 'waiting' ? '' : label}
      </span>
    </>
  )
}

function Details({ state, onLeave }: { state: SyncState; onLeave: () => void }) {
  const [nowMs] = useState(() => Date.now())
  const takeOver = useTakeOver()
  return (
    <div className="flex flex-col gap-3 text-sm">
      <div>
        <p className="text-base font-semibold">{syncLabel(state)}</p>
        <p className="mt-0.5 text-ink-soft">{syncSentence(state)}</p>
      </div>
      {state.download !== null && (
        <div>
          <ProgressBar
            label="Rows received"
            value={state.download.total === 0 ? null : state.download.done / state.download.total}
          />
          {state.leftMs !== null && (
            <p className="mt-1.5 text-ink-soft">{leftWords(state.leftMs)}</p>
          )}
        </div>
      )}
      <dl className="grid grid-cols-[1fr_auto] gap-y-1.5 border-t border-line pt-3 text-ink-soft">
        <dt>Last in step</dt>
        <dd className="text-right text-ink">
          {state.lastSyncedAt === null ? 'Not yet' : agoWords(state.lastSyncedAt, nowMs)}
        </dd>
        <dt>Waiting to be sent</dt>
        <dd className="text-right text-ink tabular-nums">{countText(state.waiting)}</dd>
      </dl>
      {state.kind === 'router-waiting' && (
        <Button variant="primary" onPress={takeOver}>
          Take over here
        </Button>
      )}
      {state.problems > 0 && (
        <LinkButton href="/problems" variant="primary" onPress={onLeave}>
          Look at {state.problems === 1 ? 'the problem' : 'the problems'}
        </LinkButton>
      )}
    </div>
  )
}
