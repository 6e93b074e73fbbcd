import { useCallback, useEffect, useState } from 'react'
import { useDatabase, useSyncState, useUserId } from '../../data/session-context.tsx'
import { loadInbox, type Inbox } from './problem-queries.ts'

/** Null until the first answer. Reads again when the sync state moves, and when asked to. */
export function useInbox(): {
  readonly inbox: Inbox | null
  readonly reload: () => Promise<void>
} {
  const db = useDatabase()
  const userId = useUserId()
  const sync = useSyncState()
  const [inbox, setInbox] = useState<Inbox | null>(null)
  const reload = useCallback(async () => setInbox(await loadInbox(db, userId)), [db, userId])
  useEffect(() => {
    let isGone = false
    void loadInbox(db, userId).then((loaded) => {
      if (!isGone) setInbox(loaded)
    })
    return () => {
      isGone = true
    }
  }, [db, userId, sync])
  return { inbox, reload }
}
