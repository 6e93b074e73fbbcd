import { addOffers, noKeptKeys, type KeptKeys } from './kept-keys.ts'
import type { KeyBundle, WrappedDataKey } from './keys-api.ts'
import type { User, WorkspaceId } from './session-types.ts'

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

/** A workspace that is being created: the same one when it is tried again. */
export interface WorkspaceAttempt {
  readonly workspaceId: WorkspaceId
  readonly dataKey: WrappedDataKey
}

/** What another person left in this browser profile. */
export interface LeftLedger {
  readonly userId: string
  /** Null where that was not kept. */
  readonly email: string | null
  /** Null when there is no database, only keys. */
  readonly database: DatabaseRecord | null
  /** Changes that had not been sent when they were last counted; null when they never were. */
  readonly unsent: number | null
}

/** What a device remembers outside its encrypted database: nothing in it opens without a secret. */
export interface DeviceStore {
  readUser(): Promise<User | undefined>
  writeUser(user: User): Promise<void>
  readKeys(userId: string): Promise<KeptKeys>
  /** In one step, whatever other tabs do meanwhile. */
  updateKeys(userId: string, change: (kept: KeptKeys) => KeptKeys): Promise<KeptKeys>
  readDatabase(userId: string): Promise<DatabaseRecord | undefined>
  /** Keeps the record that is there, if there is one, whichever tab wrote it. */
  keepDatabase(userId: string, candidate: DatabaseRecord): Promise<DatabaseRecord>
  /** Forgets the database and what was known of its content; the keys stay. */
  removeDatabase(userId: string): Promise<void>
  readAttempt(userId: string): Promise<WorkspaceAttempt | undefined>
  /** Keeps the attempt that is there, if there is one. */
  keepAttempt(userId: string, candidate: WorkspaceAttempt): Promise<WorkspaceAttempt>
  removeAttempt(userId: string): Promise<void>
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
  /** Of everybody but this person, or of everybody. */
  listLeft(exceptUserId: string | null): Promise<readonly LeftLedger[]>
  /** Everything that is kept of one person, and who it was. */
  removeUser(userId: string): Promise<void>
}

/** A durable map, shared by the browser's tabs. */
export interface Entries {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  /** In one transaction. */
  update(key: string, change: (value: unknown) => unknown): Promise<void>
  remove(keys: readonly string[]): Promise<void>
  keys(): Promise<readonly string[]>
}

const userEntry = 'user'
const signOutEntry = 'sign-out-pending'
/** `keys` is what versions before ADR 40 kept: one answer of a server, replaced by the next. */
const oldKeys = 'keys'
const kinds = [
  ...[oldKeys, 'kept-keys', 'database', 'attempt'],
  ...['device-slot', 'first-sync', 'unsent', 'email'],
] as const

export function createDeviceStore(entries: Entries): DeviceStore {
  const entry = (kind: (typeof kinds)[number], userId: string) => `${kind}:${userId}`
  const read = async <T>(key: string) => (await entries.get(key)) as T | undefined
  const keepFirst = async <T>(key: string, candidate: T): Promise<T> => {
    let kept = candidate
    await entries.update(key, (existing) => (kept = (existing as T | undefined) ?? candidate))
    return kept
  }
  const adoptOldKeys = async (userId: string): Promise<KeptKeys> => {
    const old = await read<KeyBundle>(entry(oldKeys, userId))
    return old === undefined ? noKeptKeys : addOffers(noKeptKeys, old)
  }
  return {
    readUser: () => read<User>(userEntry),
    async writeUser(user) {
      await entries.set(entry('email', user.id), user.email)
      await entries.set(userEntry, user)
    },
    readKeys: async (userId) =>
      (await read<KeptKeys>(entry('kept-keys', userId))) ?? adoptOldKeys(userId),
    async updateKeys(userId, change) {
      const adopted = await adoptOldKeys(userId)
      let kept = adopted
      await entries.update(
        entry('kept-keys', userId),
        (existing) => (kept = change((existing as KeptKeys | undefined) ?? adopted)),
      )
      return kept
    },
    readDatabase: (userId) => read<DatabaseRecord>(entry('database', userId)),
    keepDatabase: (userId, candidate) => keepFirst(entry('database', userId), candidate),
    removeDatabase: (userId) =>
      entries.remove(
        (['database', 'first-sync', 'unsent'] as const).map((kind) => entry(kind, userId)),
      ),
    readAttempt: (userId) => read<WorkspaceAttempt>(entry('attempt', userId)),
    keepAttempt: (userId, candidate) => keepFirst(entry('attempt', userId), candidate),
    removeAttempt: (userId) => entries.remove([entry('attempt', userId)]),
    readDeviceSlot: (userId) => read<DeviceSlot>(entry('device-slot', userId)),
    writeDeviceSlot: (userId, slot) => entries.set(entry('device-slot', userId), slot),
    removeDeviceSlot: (userId) => entries.remove([entry('device-slot', userId)]),
    readFirstSync: async (userId) => (await entries.get(entry('first-sync', userId))) === true,
    writeFirstSync: (userId) => entries.set(entry('first-sync', userId), true),
    readUnsent: async (userId) => (await read<number>(entry('unsent', userId))) ?? 0,
    writeUnsent: (userId, count) => entries.set(entry('unsent', userId), count),
    readSignOutPending: async () => (await entries.get(signOutEntry)) === true,
    writeSignOutPending: (pending) => entries.set(signOutEntry, pending),
    async listLeft(exceptUserId) {
      const owners = (await entries.keys()).flatMap((key) => {
        const [kind, userId] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
        return kinds.some((known) => known === kind) ? [userId] : []
      })
      const others = [...new Set(owners)].filter((userId) => userId !== exceptUserId)
      return Promise.all(
        others.map(async (userId) => ({
          userId,
          email: (await read<string>(entry('email', userId))) ?? null,
          database: (await read<DatabaseRecord>(entry('database', userId))) ?? null,
          unsent: (await read<number>(entry('unsent', userId))) ?? null,
        })),
      )
    },
    async removeUser(userId) {
      const user = await read<User>(userEntry)
      const own = user === undefined || user.id === userId ? [userEntry] : []
      await entries.remove([...own, ...kinds.map((kind) => entry(kind, userId))])
    },
  }
}
