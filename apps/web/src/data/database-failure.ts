import type { DatabaseCause, UnreadableDatabase } from './session-types.ts'

/**
 * Why the local database did not open. SQLite's own words are the same in every engine; its codes
 * do not come through the Worker. The browser's exceptions are told by their names.
 */
export function databaseFailure(error: unknown): UnreadableDatabase {
  const { name, message } = wordsOf(error)
  const cause = causes.find(({ pattern }) => pattern.test(`${name} ${message}`))?.cause ?? 'unknown'
  return { kind: 'database-unreadable', cause, name }
}

/** One line for a form that cannot go on because of it. */
export function databaseFailureSentence(cause: DatabaseCause): string {
  switch (cause) {
    case 'full':
      return 'No room is left on this device for the ledger. Free some space and try again.'
    case 'busy':
      return 'Another tab or window holds the ledger on this device. Close the other ones and try again.'
    case 'refused':
      return 'The browser does not let Sealbook at its files. Allow this site to save data, or leave the private window, and try again.'
    case 'damaged':
      return 'The file of the ledger on this device is damaged. Reload the page to see what can be done.'
    case 'unknown':
      return 'The ledger on this device did not open. Reload the page and try again.'
  }
}

const causes: readonly { readonly cause: DatabaseCause; readonly pattern: RegExp }[] = [
  { cause: 'full', pattern: /QuotaExceeded|disk is full|quota/i },
  { cause: 'damaged', pattern: /malformed|not a database|corrupt/i },
  {
    cause: 'busy',
    pattern: /database (table )?is locked|NoModificationAllowed|Access Handles cannot/i,
  },
  {
    cause: 'refused',
    pattern:
      /unable to open database|NotAllowedError|SecurityError|readonly database|access permission|InvalidStateError|is not a function|undefined/i,
  },
  { cause: 'damaged', pattern: /disk I\/O error|NotReadableError|UnknownError|DataError/i },
]

function wordsOf(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error || error instanceof DOMException
    ? { name: error.name, message: error.message }
    : { name: 'unknown', message: String(error) }
}
