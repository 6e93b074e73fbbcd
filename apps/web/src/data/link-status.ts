import type { SyncStatus } from '@powersync/common'

/** What the connection to the server is doing, in the one tab that has it. Structured-cloneable. */
export interface LinkStatus {
  readonly connected: boolean
  readonly connecting: boolean
  readonly downloading: boolean
  readonly uploading: boolean
  /** The last attempt to reach the engine or to upload failed. */
  readonly failing: boolean
  /** Milliseconds since 1970. */
  readonly lastSyncedAt: number | null
  readonly downloadedOnce: boolean
  /** Null where nothing comes in. */
  readonly rows: { readonly downloaded: number; readonly total: number } | null
}

export function readLinkStatus(status: SyncStatus): LinkStatus {
  return {
    connected: status.connected,
    connecting: status.connecting,
    downloading: status.downloading,
    uploading: status.uploading,
    failing: status.downloadError !== undefined || status.uploadError !== undefined,
    lastSyncedAt: status.lastSyncedAt?.getTime() ?? null,
    downloadedOnce: status.hasSynced === true,
    rows: readRows(status),
  }
}

function readRows({ downloadProgress }: SyncStatus): LinkStatus['rows'] {
  if (downloadProgress === null) return null
  const until = (priority: number) => downloadProgress.untilPriority(priority)
  // The rows of the month's bucket come once more with the whole workspace, and those of the server's
  // lives are nobody's.
  const [lives, outline, month] = [until(0), until(1), until(2)]
  const rows = (part: 'downloadedOperations' | 'totalOperations') =>
    downloadProgress[part] - (month[part] - outline[part]) - lives[part]
  return { downloaded: rows('downloadedOperations'), total: rows('totalOperations') }
}
