import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { RecoveryWordsError } from '@sealbook/crypto'
import type { RouterKeys } from '@sealbook/crypto-router'
import type { ApiClient } from './api-client.ts'
import type { DatabaseStorage, LeftLedger } from './device-store.ts'
import type { UnsavedField } from './unsaved-fields.ts'

export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

/** Lower-case UUID of a workspace. */
export type WorkspaceId = string & { readonly workspaceId: unique symbol }

export interface User {
  readonly id: string
  readonly email: string
}

/**
 * Where the person is on the way to their ledger. `starting` lasts until the device's own storage
 * was read, and where that holds no keys, until the server was asked once; every other state asks
 * the person for one thing. No answer of the server leads from a device with a past to a state in
 * which something is made anew, nor out of `open`.
 */
export type SessionState =
  | { readonly kind: 'starting' }
  /** Nobody uses this device. */
  | { readonly kind: 'signed-out' }
  /** This device keeps no keys, and the server did not say whether it does. */
  | { readonly kind: 'needs-answer'; readonly user: User; readonly reason: NoKeysReason }
  /** `justSignedUp`: the account was made here just now, so that there can be no keys elsewhere. */
  | { readonly kind: 'needs-keys'; readonly user: User; readonly justSignedUp: boolean }
  | { readonly kind: 'locked'; readonly user: User }
  /** `justSetUp`: the keys were made here just now. */
  | { readonly kind: 'needs-workspace'; readonly user: User; readonly justSetUp: boolean }
  /** There was a workspace, and no key of one opens on this device. */
  | { readonly kind: 'workspace-missing'; readonly user: User }
  /** The key is right, and the ledger's file does not open. `unsent` is as it was last counted. */
  | {
      readonly kind: 'unopened'
      readonly user: User
      readonly failure: UnreadableDatabase
      readonly unsent: number
    }
  | {
      readonly kind: 'open'
      readonly user: User
      readonly workspaceId: WorkspaceId
      readonly db: AbstractPowerSyncDatabase
    }
  /**
   * A newer version of the app runs in another tab: this one has stopped, for good. `unsaved` is
   * what stood in an open form.
   */
  | { readonly kind: 'outdated'; readonly unsaved: readonly UnsavedField[] }

/** Why a device without keys cannot go on: an answer that failed, or a device that once held some. */
export type NoKeysReason = ServerFailure | { readonly kind: 'keys-missing' }

/** The server could not be asked, or answered with something that has no meaning of its own here. */
export type ServerFailure =
  | { readonly kind: 'offline' }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'too-many-requests'; readonly retryAfterSeconds: number | null }
  | { readonly kind: 'server'; readonly status: number; readonly code: string }

export type AuthError =
  | ServerFailure
  | { readonly kind: 'wrong-credentials' }
  | { readonly kind: 'email-taken' }
  | { readonly kind: 'invalid-email' }
  | { readonly kind: 'password-too-short' }
  | { readonly kind: 'password-too-long' }

/** The key derivation could not run on this device: even its floor of memory was refused. */
export interface DerivationFailure {
  readonly kind: 'not-enough-memory'
}

/**
 * Why the local database does not open: no room, another tab that holds it, a browser that refuses
 * its files, a file that cannot be read with its key, or an error without a known meaning.
 */
export type DatabaseCause = 'full' | 'busy' | 'refused' | 'damaged' | 'unknown'

export interface UnreadableDatabase {
  readonly kind: 'database-unreadable'
  readonly cause: DatabaseCause
  /** The error's name, for a report. */
  readonly name: string
}

export type DatabaseFailure =
  | UnreadableDatabase
  /** The session's state is now `outdated`. */
  | { readonly kind: 'newer-version' }

/** The key opened, and is another one than the ledger on this device was made with. */
export interface ForeignKeyFailure {
  readonly kind: 'other-keys'
}

export type KeysError =
  | ServerFailure
  | DatabaseFailure
  /** Another device set the keys up in the meantime: the state is now `locked`. */
  | { readonly kind: 'keys-exist' }

export type UnlockError =
  | ServerFailure
  | DerivationFailure
  | DatabaseFailure
  | ForeignKeyFailure
  | { readonly kind: 'wrong-secret-key' }
  /** The slot is damaged or asks for parameters that this app refuses. Never opened regardless. */
  | { readonly kind: 'unusable-slot' }

export type RecoveryUnlockError =
  | ServerFailure
  | DatabaseFailure
  | ForeignKeyFailure
  | { readonly kind: 'wrong-recovery-key' }
  /** Not 24 words of the list, or their checksum does not agree: a typing mistake. */
  | { readonly kind: 'malformed-recovery-key'; readonly fault: RecoveryWordsError }
  | { readonly kind: 'unusable-slot' }

export type ChangeKeyError =
  | ServerFailure
  | DerivationFailure
  /** Another device changed it first. */
  | { readonly kind: 'version-conflict' }

export type CreateWorkspaceError =
  | ServerFailure
  | DatabaseFailure
  | ForeignKeyFailure
  | { readonly kind: 'invalid'; readonly column: string }
  | { readonly kind: 'too-many-workspaces' }
  /** This device has a past after all: the state is now `workspace-missing`. */
  | { readonly kind: 'has-past' }

export type SignInAgainError =
  | AuthError
  /** The password opens another account than the one whose ledger is on this device. */
  | { readonly kind: 'other-account' }

export type SendKeysError =
  | ServerFailure
  /** It has others in their place, or does not know the workspace as yours. */
  | { readonly kind: 'not-taken' }

/** Why the answer did not lead on; the state says what it led to. */
export type AskError = ServerFailure | DatabaseFailure | ForeignKeyFailure

export type SignOutError = { readonly kind: 'unsent-changes'; readonly count: number }

/** One place where the account is signed in. */
export interface AccountSession {
  readonly id: string
  readonly current: boolean
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly userAgent: string | null
  readonly ipAddress: string | null
}

/** Keys that exist in memory only, until `commit`. Drop the object to drop them. */
export interface PendingKeys {
  /** 24 words, to be shown once. */
  readonly recoveryWords: readonly string[]
  /** Stores both slots on the server (never over existing ones) and moves on. */
  commit(options: { readonly stayUnlocked: boolean }): Promise<Result<void, KeysError>>
}

export interface StarterCategory {
  readonly name: string
  readonly icon: string
  readonly colour: string
  readonly kind: 'expense' | 'income'
}

export interface NewWorkspace {
  readonly name: string
  readonly currency: string
  readonly starterCategories: readonly StarterCategory[]
}

export interface SessionActions {
  signUp(account: { email: string; password: string }): Promise<Result<void, AuthError>>
  signIn(account: { email: string; password: string }): Promise<Result<void, AuthError>>
  /** Password of the account whose device this is, after the server ended the session. */
  signInAgain(password: string): Promise<Result<void, SignInAgainError>>
  /** In `needs-answer` and `workspace-missing`: asks the server once more. */
  askAgain(): Promise<Result<void, AskError>>
  /** Gives the server the keys that it lacks (`AccountStanding.lacks`), never over others. */
  sendKeptKeys(): Promise<Result<void, SendKeysError>>
  /** Derives the KEK (about a second) and makes the keys; nothing is stored before `commit`. */
  prepareKeys(secretKey: string): Promise<Result<PendingKeys, DerivationFailure>>
  unlock(input: { secretKey: string; stayUnlocked: boolean }): Promise<Result<void, UnlockError>>
  unlockWithRecoveryKey(input: {
    words: readonly string[]
    stayUnlocked: boolean
  }): Promise<Result<void, RecoveryUnlockError>>
  /** Re-wraps the user key; no row is sealed again. Only while unlocked. */
  changeSecretKey(secretKey: string): Promise<Result<void, ChangeKeyError>>
  createWorkspace(workspace: NewWorkspace): Promise<Result<void, CreateWorkspaceError>>
  /** Forgets the keys in every tab and the device slot; the data stays, encrypted. */
  lock(): Promise<void>
  /**
   * In the state `unopened`: removes the file that does not open, for good, and what the device
   * knew of it. The next unlocking makes a new one, which fetches everything from the server.
   */
  removeUnopened(): Promise<void>
  /** Removes every trace from this device. Refuses while changes are unsent, unless told otherwise. */
  signOut(options: { discardUnsent: boolean }): Promise<Result<void, SignOutError>>
  listSessions(): Promise<Result<readonly AccountSession[], ServerFailure>>
  revokeSession(id: string): Promise<Result<void, ServerFailure>>
  /** What other people, or this person's earlier accounts, left in this browser. */
  listLeftLedgers(): Promise<readonly LeftLedger[]>
  removeLeftLedger(left: LeftLedger): Promise<void>
}

/** What diagnostics look at: both ends of a row's way, and the keys between them. */
export interface Inspection {
  readonly db: AbstractPowerSyncDatabase
  readonly workspaceId: WorkspaceId
  readonly keys: RouterKeys
  readonly api: Pick<ApiClient, 'get'>
  readonly storage: DatabaseStorage
  /** Has the router look at its journals now. */
  readonly wakeRouter: () => void
}

/** Good copies on this device of what the server did not list when it was last asked. */
export interface ServerLacks {
  readonly slots: boolean
  readonly workspace: boolean
}

/** What the server last said of the account. It decides nothing about what is on this device. */
export interface AccountStanding {
  /** The server ended the session: nothing is sent or received until the person signs in again. */
  readonly isSignedOut: boolean
  /** Null when it lists all that this device holds, or has not been asked. */
  readonly lacks: ServerLacks | null
}

export interface SessionStore extends SessionActions {
  readonly state: SessionState
  readonly standing: AccountStanding
  /** A newer version of the app has taken over: stops for good. */
  readonly supersede: () => void
  /** Has this tab route and sync, whichever does it now. */
  readonly takeOver: () => void
  /** Null while no ledger is open. */
  readonly inspection: () => Inspection | null
  readonly sync: SyncStateSource
  readonly subscribe: (listener: () => void) => () => void
}

/**
 * What the sync indicator says, most urgent first: `signed-out` needs the account's password before
 * anything moves, `router-waiting` means that no tab of this browser seals, sends and opens, since
 * one that does not answer holds the lock for it, `problems` needs a decision, `offline` means that
 * nothing moves, `waiting` that changes are queued, `syncing` that rows move, and `up-to-date` that
 * this device holds what the server held when it last answered.
 */
export interface SyncState {
  readonly kind:
    'signed-out' | 'router-waiting' | 'offline' | 'waiting' | 'syncing' | 'up-to-date' | 'problems'
  /** Local changes that the server does not have yet. */
  readonly waiting: number
  /** Refused uploads and rows that do not open. */
  readonly problems: number
  /** Rows of the first or current download, and of opening them; null when nothing comes in. */
  readonly download: { readonly done: number; readonly total: number } | null
  /** Milliseconds until those are done, by how fast it goes; null while that cannot be told. */
  readonly leftMs: number | null
  /** Milliseconds since 1970. */
  readonly lastSyncedAt: number | null
  /** False until the first complete download was opened on this device. */
  readonly hasSynced: boolean
}

/** `SyncState` as it changes; `offline` with nothing known while no ledger is open. */
export interface SyncStateSource {
  readonly state: SyncState
  readonly subscribe: (listener: () => void) => () => void
}
