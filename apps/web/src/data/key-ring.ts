import {
  asDatabaseKey,
  deriveRowKeys,
  generateDatabaseKey,
  unwrapDatabaseKey,
  unwrapDataKey,
  wrapDatabaseKey,
  type RowKeys,
  type UserKey,
  type WorkspaceKeys,
} from '@sealbook/crypto'
import type { DatabaseRecord, DatabaseStorage } from './device-store.ts'
import type { WrappedWorkspace } from './keys-api.ts'
import type { DatabaseAccess } from './local-database.ts'

/** Row keys of every workspace whose current DEK opens; the others stay locked. */
export function openWorkspaces(
  userKey: UserKey,
  userId: string,
  workspaces: readonly WrappedWorkspace[],
): WorkspaceKeys[] {
  return workspaces.flatMap((workspace) => {
    const keys = openWorkspace(userKey, userId, workspace)
    return keys === null ? [] : [keys]
  })
}

/** A new database for this device and its wrapped key; what an unlocking makes at most once. */
export function newDatabaseRecord(
  userKey: UserKey,
  userId: string,
  storage: DatabaseStorage,
): DatabaseRecord {
  const deviceId = crypto.randomUUID()
  const databaseKey = generateDatabaseKey()
  return {
    deviceId,
    storage,
    fileName: `sealbook-${deviceId}.db`,
    wrappedKey: wrapDatabaseKey({ userKey, userId, deviceId, databaseKey }),
  }
}

/** Null when the record was wrapped by another user key or altered. */
export function openDatabaseRecord(
  userKey: UserKey,
  userId: string,
  record: DatabaseRecord,
): DatabaseAccess | null {
  const { deviceId, fileName, storage, wrappedKey } = record
  const opened = unwrapDatabaseKey({ userKey, userId, deviceId, wrapped: wrappedKey })
  if (!opened.ok) return null
  return { fileName, storage, keyHex: toHex(asDatabaseKey(opened.value)) }
}

/** New values are sealed under the newest version; if that one does not open, none is sealed. */
function openWorkspace(
  userKey: UserKey,
  userId: string,
  { workspaceId, dataKeys }: WrappedWorkspace,
): WorkspaceKeys | null {
  const byVersion = new Map<number, RowKeys>()
  for (const { keyVersion, wrapped } of dataKeys) {
    const opened = unwrapDataKey({ userKey, userId, workspaceId, keyVersion, wrapped })
    if (opened.ok) byVersion.set(keyVersion, deriveRowKeys(opened.value, workspaceId, keyVersion))
  }
  const current = Math.max(...dataKeys.map((key) => key.keyVersion))
  return byVersion.has(current) ? { workspaceId, current, byVersion } : null
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
