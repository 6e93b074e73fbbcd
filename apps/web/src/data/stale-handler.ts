import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { handleStaleTransactions } from './stale-transactions.ts'

/** A step holds the database for a few frames; a person's write may come between two. */
const stepRows = 200
const pauseMs = 25
/** Nothing is looked at until no transaction changed for this long: writing and syncing go first. */
const restMs = 2_000
/** Where changes never rest, it is time after so many. */
const mostRests = 30

/** Looks at what became stale, in small steps while the database is idle, until `signal`. */
export async function keepStaleHandled(
  db: AbstractPowerSyncDatabase,
  signal: AbortSignal,
  restBeforeMs: number = restMs,
): Promise<void> {
  let changes = 0
  let endPause = () => {}
  let endsByChange = false
  const pause = (ms: number | null) =>
    new Promise<void>((resolve) => {
      endPause = resolve
      endsByChange = ms === null
      if (ms !== null) setTimeout(resolve, ms)
    })
  const stopListening = db.onChange(
    {
      onChange: () => {
        changes += 1
        if (endsByChange) endPause()
      },
    },
    { tables: ['transactions'], throttleMs: 100 },
  )
  signal.addEventListener('abort', () => endPause(), { once: true })
  while (!signal.aborted) {
    let seen = -1
    for (let rests = 0; rests < mostRests && seen !== changes; rests += 1) {
      seen = changes
      await pause(restBeforeMs)
    }
    while (!signal.aborted && (await handleStaleTransactions(db, stepRows)) > 0) {
      await pause(pauseMs)
      if (seen !== changes) break
    }
    if (!signal.aborted && seen === changes) await pause(null)
  }
  stopListening()
}
