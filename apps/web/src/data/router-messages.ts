import type { WorkspaceKeys } from '@sealbook/crypto'
import type { DatabaseAccess } from './local-database.ts'

/** From a tab to its router Worker. */
export type RouterRequest =
  | {
      readonly kind: 'start'
      readonly access: DatabaseAccess
      readonly userId: string
      /** Transferred: a way into the tab's SQLite connection. */
      readonly port: MessagePort
      readonly keys: readonly WorkspaceKeys[]
    }
  | { readonly kind: 'keys'; readonly keys: readonly WorkspaceKeys[] }
  /** Route and sync from here now, whoever else does. */
  | { readonly kind: 'take-over' }
  | { readonly kind: 'stop' }

/**
 * From the router's Worker to its tab. `failed` and `died` name the error's class, never its text:
 * of a step that is tried again, and of a Worker that does nothing more; `outdated` says that a newer version of the app has opened the database; `signed-out` that the server no
 * longer knows the account's session, `signed-in` that it does; `replaced` that another tab took over from this one, which
 * waits for its turn again.
 */
export type RouterReport =
  | { readonly kind: 'failed'; readonly name: string }
  | { readonly kind: 'died'; readonly name: string }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'stopped' }
