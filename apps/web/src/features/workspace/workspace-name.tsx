import { useLiveQuery } from '../../data/live-query.ts'
import { useWorkspaceId } from '../../data/session-context.tsx'

/** The open workspace's name; nothing until it is known. */
export function WorkspaceName() {
  const { data } = useLiveQuery<{ name: string | null }>(
    'SELECT name FROM workspace_settings WHERE id = ?',
    [useWorkspaceId()],
  )
  return data[0]?.name ?? ''
}
