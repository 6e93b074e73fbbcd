import { createStore, del, delMany, get, set, update, type UseStore } from 'idb-keyval'
import type { KeyBundle } from './keys-api.ts'
import type { User } from './session-types.ts'

/** Where SQLite keeps its pages: the origin private file system, or IndexedDB where that lacks. */
export type DatabaseStorage = 'opfs' | 'indexed-db'

/** The device's encrypted database of one person. Its key is wrapped by the user key. */
export interface DatabaseRecord {
  readonly deviceId: string
  /** A new record has a new file: a key never meets a database that it does not belong to. */
  readonly fileName: string
  readonly storage: DatabaseStorage
  readonly wrappedKey: string
}

/** "Stay unlocked on this device": the user key under a key that the browser never gives out. */
export interface DeviceSlot {
  readonly key: CryptoKey
  readonly iv: Uint8Array<ArrayBuffer>
  readonly wrapped: ArrayBuffer
}

/** What a device remembers outside its encrypted database: nothing in it opens without a secret. */
export interface DeviceStore {
  readUser(): Promise<User | undefined>
  writeUser(user: User): Promise<void>
  readKeys(userId: string): Promise<KeyBundle | undefined>
  writeKeys(userId: string, keys: KeyBundle): Promise<void>
  readDatabase(userId: string): Promise<DatabaseRecord | undefined>
  /** Keeps the record that is there, if there is one, whichever tab wrote it. */
  keepDatabase(userId: string, candidate: DatabaseRecord): Promise<DatabaseRecord>
  readDeviceSlot(userId: string): Promise<DeviceSlot | undefined>
  writeDeviceSlot(userId: string, slot: DeviceSlot): Promise<void>
  removeDeviceSlot(userId: string): Promise<void>
  /** True once the first download was opened on this device. */
  readFirstSync(userId: string): Promise<boolean>
  writeFirstSync(userId: string): Promise<void>
  /** Changes that the server lacked when they were last counted: known while locked, too. */
  readUnsent(userId: string): Promise<number>
  writeUnsent(userId: string, count: number): Promise<void>
  /** A sign-out that the server has not heard of yet. */
  readSignOutPending(): Promise<boolean>
  writeSignOutPending(pending: boolean): Promise<void>
  /** Everything that is kept of one person, and who it was. */
  removeUser(userId: string): Promise<void>
}

const storeName = 'sealbook-device'
const userKey = 'user'
const signOutKey = 'sign-out-pending'

export function openDeviceStore(): DeviceStore {
  const store: UseStore = createStore(storeName, 'entries')
  const entry = (name: string, userId: string) => `${name}:${userId}`
  return {
    readUser: () => get<User>(userKey, store),
    writeUser: (user) => set(userKey, user, store),
    readKeys: (userId) => get<KeyBundle>(entry('keys', userId), store),
    writeKeys: (userId, keys) => set(entry('keys', userId), keys, store),
    readDatabase: (userId) => get<DatabaseRecord>(entry('database', userId), store),
    async keepDatabase(userId, candidate) {
      let kept = candidate
      await update<DatabaseRecord>(
        entry('database', userId),
        (existing) => (kept = existing ?? candidate),
        store,
      )
      return kept
    },
    readDeviceSlot: (userId) => get<DeviceSlot>(entry('device-slot', userId), store),
    writeDeviceSlot: (userId, slot) => set(entry('device-slot', userId), slot, store),
    removeDeviceSlot: (userId) => del(entry('device-slot', userId), store),
    readFirstSync: async (userId) =>
      (await get<boolean>(entry('first-sync', userId), store)) === true,
    writeFirstSync: (userId) => set(entry('first-sync', userId), true, store),
    readUnsent: async (userId) => (await get<number>(entry('unsent', userId), store)) ?? 0,
    writeUnsent: (userId, count) => set(entry('unsent', userId), count, store),
    readSignOutPending: async () => (await get<boolean>(signOutKey, store)) === true,
    writeSignOutPending: (pending) => set(signOutKey, pending, store),
    async removeUser(userId) {
      const kinds = ['keys', 'database', 'device-slot', 'first-sync', 'unsent']
      await delMany([userKey, ...kinds.map((kind) => entry(kind, userId))], store)
    },
  }
}
