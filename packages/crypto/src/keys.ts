declare const brand: unique symbol
type Key<Name extends string> = Uint8Array & { readonly [brand]: Name }

/** 32 random bytes that wrap a person's data keys and the key of the device's database. */
export type UserKey = Key<'user-key'>
/** DEK: content of one workspace, at one key version, is sealed under its subkeys. */
export type DataKey = Key<'data-key'>
/** KEK: derived from the secret key, wraps the user key. */
export type Kek = Key<'kek'>
/** 256 random bits that a person keeps on paper; wraps the user key. */
export type RecoveryKey = Key<'recovery-key'>
/** Encrypts the SQLite database of one device. */
export type DatabaseKey = Key<'database-key'>

export const keyBytes = 32

export function generateUserKey(): UserKey {
  return randomKey() as UserKey
}

export function generateDataKey(): DataKey {
  return randomKey() as DataKey
}

export function generateRecoveryKey(): RecoveryKey {
  return randomKey() as RecoveryKey
}

export function generateDatabaseKey(): DatabaseKey {
  return randomKey() as DatabaseKey
}

/** Gives bytes from a store or a Worker their kind back. @throws unless there are 32. */
export function asUserKey(bytes: Uint8Array): UserKey {
  return checked(bytes) as UserKey
}

/** As `asUserKey`. */
export function asDataKey(bytes: Uint8Array): DataKey {
  return checked(bytes) as DataKey
}

/** As `asUserKey`. */
export function asKek(bytes: Uint8Array): Kek {
  return checked(bytes) as Kek
}

/** As `asUserKey`. */
export function asDatabaseKey(bytes: Uint8Array): DatabaseKey {
  return checked(bytes) as DatabaseKey
}

function randomKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(keyBytes))
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes`)
  return bytes
}
