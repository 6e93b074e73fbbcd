import { useCallback, useEffect, useState } from 'react'
import { useDatabase, useSyncState } from '../../data/session-context.tsx'
import { loadProblems } from './problem-queries.ts'
import type { Problem } from './problem-sentence.ts'

/** Null until the first answer. Reads again when the sync state moves, and when asked to. */
export function useProblems(): {
  readonly problems: readonly Problem[] | null
  readonly reload: () => Promise<void>
} {
  const db = useDatabase()
  const sync = useSyncState()
  const [problems, setProblems] = useState<readonly Problem[] | null>(null)
  const reload = useCallback(async () => setProblems(await loadProblems(db)), [db])
  useEffect(() => {
    let isGone = false
    void loadProblems(db).then((loaded) => {
      if (!isGone) setProblems(loaded)
    })
    return () => {
      isGone = true
    }
  }, [db, sync])
  return { problems, reload }
}
