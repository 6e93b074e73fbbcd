import { lengthPrefixed, uint32 } from './bytes.ts'
import { keyBytes, type DataKey, type DatabaseKey, type UserKey } from './keys.ts'
import { failure, success, type Result } from './result.ts'
import { sodium } from './sodium.ts'
import { unwrapKey, wrapKey, type UnwrapError, type WrapContext } from './wrapping.ts'

/** BLAKE2b subkeys of one DEK, and which one. */
export interface RowKeys {
  readonly workspaceId: string
  readonly keyVersion: number
  /** Seals fields. */
  readonly fields: Uint8Array
  /** Keys the MAC over whole rows. */
  readonly rowSeals: Uint8Array
}

/** All keys that a person has for one workspace. */
export interface WorkspaceKeys {
  readonly workspaceId: string
  /** The key version that new values are sealed under. */
  readonly current: number
  readonly byVersion: ReadonlyMap<number, RowKeys>
}

/** @param keyVersion from 1. */
export function deriveRowKeys(dataKey: DataKey, workspaceId: string, keyVersion: number): RowKeys {
  checkKeyVersion(keyVersion)
  const subkey = (purpose: string) =>
    sodium.crypto_generichash(
      keyBytes,
      lengthPrefixed('sealbook', purpose, workspaceId, uint32(keyVersion)),
      dataKey,
    )
  return { workspaceId, keyVersion, fields: subkey('fields'), rowSeals: subkey('row-seals') }
}

/** Overwrites them: whoever still has one of these objects cannot seal or open with it any more. */
export function wipeWorkspaceKeys({ byVersion }: WorkspaceKeys): void {
  for (const { fields, rowSeals } of byVersion.values()) {
    fields.fill(0)
    rowSeals.fill(0)
  }
}

/** Where a wrapped DEK belongs: bound by the wrapping. */
export interface DataKeyPlace {
  readonly userKey: UserKey
  readonly userId: string
  readonly workspaceId: string
  readonly keyVersion: number
}

export function wrapDataKey(input: DataKeyPlace & { readonly dataKey: DataKey }): string {
  checkKeyVersion(input.keyVersion)
  return wrapKey(input.userKey, input.dataKey, dataKeyContext(input))
}

export function unwrapDataKey(
  input: DataKeyPlace & { readonly wrapped: string },
): Result<DataKey, UnwrapError> {
  if (!isKeyVersion(input.keyVersion)) return failure({ kind: 'malformed' })
  const opened = unwrapKey(input.userKey, input.wrapped, dataKeyContext(input))
  return opened.ok ? success(opened.value as DataKey) : opened
}

/** Where the wrapped key of a device's database belongs. */
export interface DatabaseKeyPlace {
  readonly userKey: UserKey
  readonly userId: string
  readonly deviceId: string
}

export function wrapDatabaseKey(
  input: DatabaseKeyPlace & { readonly databaseKey: DatabaseKey },
): string {
  return wrapKey(input.userKey, input.databaseKey, databaseKeyContext(input))
}

export function unwrapDatabaseKey(
  input: DatabaseKeyPlace & { readonly wrapped: string },
): Result<DatabaseKey, UnwrapError> {
  const opened = unwrapKey(input.userKey, input.wrapped, databaseKeyContext(input))
  return opened.ok ? success(opened.value as DatabaseKey) : opened
}

function dataKeyContext({ userId, workspaceId, keyVersion }: DataKeyPlace): WrapContext {
  return ['data-key', userId, workspaceId, uint32(keyVersion)]
}

function databaseKeyContext({ userId, deviceId }: DatabaseKeyPlace): WrapContext {
  return ['database-key', userId, deviceId]
}

function checkKeyVersion(keyVersion: number): void {
  if (!isKeyVersion(keyVersion)) {
    throw new RangeError('a key version is an integer from 1 to 2^32 - 1')
  }
}

function isKeyVersion(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value < 2 ** 32
}
