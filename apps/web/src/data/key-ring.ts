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
import { groupDataKeys, type KeptDataKey, type KeptKeys } from './kept-keys.ts'
import type { DatabaseAccess } from './local-database.ts'

export interface OpenedWorkspaces {
  readonly workspaces: readonly WorkspaceKeys[]
  /** The copies that opened, to be marked as good ones. */
  readonly opened: readonly KeptDataKey[]
}

/**
 * Row keys of every workspace of which a DEK opens, those that opened before first. Of one key
 * version the first copy that opens counts, and a copy that does not open locks nothing: new values
 * are sealed under the newest version that does.
 */
export function openWorkspaces(userKey: UserKey, userId: string, kept: KeptKeys): OpenedWorkspaces {
  const opened: KeptDataKey[] = []
  const workspaces: WorkspaceKeys[] = []
  for (const [workspaceId, versions] of groupDataKeys(kept)) {
    const byVersion = new Map<number, RowKeys>()
    for (const [keyVersion, copies] of versions) {
      for (const copy of copies) {
        const place = { userKey, userId, workspaceId, keyVersion }
        const dataKey = unwrapDataKey({ ...place, wrapped: copy.wrapped })
        if (!dataKey.ok) continue
        byVersion.set(keyVersion, deriveRowKeys(dataKey.value, workspaceId, keyVersion))
        dataKey.value.fill(0)
        opened.push(copy)
        break
      }
    }
    if (byVersion.size === 0) continue
    workspaces.push({ workspaceId, current: Math.max(...byVersion.keys()), byVersion })
  }
  return { workspaces, opened }
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
  const keyHex = toHex(asDatabaseKey(opened.value))
  opened.value.fill(0)
  return { fileName, storage, keyHex }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
