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
  | { readonly kind: 'stop' }

/**
 * From the router's Worker to its tab. `failed` names the error's class, never its text; `outdated`
 * says that a newer version of the app has opened the database.
 */
export type RouterReport =
  | { readonly kind: 'failed'; readonly name: string }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'stopped' }
