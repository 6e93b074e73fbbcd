import { useWorkspaceSettings } from '../../data/records.ts'
import { useSyncState } from '../../data/session-context.tsx'
import { countText } from '../../platform/locale.ts'
import { ProgressBar } from '../../ui/progress.tsx'
import { leftWords } from './sync-sentence.ts'

/** Fewer arrive before anybody could read about it: a ledger that was just created here has these. */
const fewRows = 100

/** On a new device, until the history is here. It floats, so nothing jumps when it goes. */
export function FirstSync() {
  const { hasSynced, download, leftMs, kind } = useSyncState()
  const hasBegun = useWorkspaceSettings() !== null
  if (hasSynced || (download === null ? hasBegun : download.total < fewRows)) return null
  const isStopped = kind === 'offline' || kind === 'signed-out'
  return (
    <aside
      aria-label="First sync"
      className="fixed inset-x-4 bottom-[calc(var(--tab-bar-height)+var(--safe-bottom)+0.75rem)] z-10 mx-auto max-w-108 animate-appear-late rounded-lg bg-raised p-4 shadow-float desk:inset-x-auto desk:right-6 desk:bottom-6 desk:w-96"
    >
      <p className="font-semibold">
        {isStopped ? 'Your history has not arrived yet' : 'Your history is arriving'}
      </p>
      <p className="mt-0.5 text-sm text-ink-soft">
        {isStopped
          ? kind === 'signed-out'
            ? 'It comes as soon as you have signed in again.'
            : 'It comes as soon as there is a connection.'
          : 'Newest first. You can use the ledger meanwhile.'}
      </p>
      {!isStopped && (
        <>
          <ProgressBar
            className="mt-3"
            label="History received"
            value={
              download === null || download.total === 0 ? null : download.done / download.total
            }
          />
          <p className="mt-1.5 flex min-h-5 flex-wrap justify-between gap-x-4 text-sm text-ink-soft tabular-nums">
            {download !== null && download.total > 0 && (
              <span>
                {countText(download.done)} of {countText(download.total)} rows
              </span>
            )}
            {leftMs !== null && <span>{leftWords(leftMs)}</span>}
          </p>
        </>
      )}
    </aside>
  )
}
