import type { EntityTable } from '@sealbook/schema'

/** A column's values as text, exact whatever their size; null where the row has none. */
export type Version = Readonly<Record<string, string | null>>

/** One thing that needs the person: a change that could not be taken, or a row that cannot be used. */
export interface Problem {
  /** Unique among all problems. */
  readonly key: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly table: string
  readonly rowId: string
  readonly cause: ProblemCause
  /** What the person's change was made on; null where there was nothing, or it is not known. */
  readonly base: Version | null
  /** Null where that side deleted the row, or is not known. */
  readonly mine: Version | null
  readonly theirs: Version | null
}

export type ProblemCause =
  /** The server did not take the change; `code` is one of the schema's refusal codes. */
  | { readonly kind: 'refusal'; readonly id: number; readonly code: string }
  | ClashCause
  | UnrulyCause
  /** The row is not shown, not changed and not sent. */
  | {
      readonly kind: 'fault'
      readonly state: 'locked' | 'stale-key' | 'tampered' | 'unsealable'
    }

/** The row is shown, and these columns of it break the ledger's rules. */
export interface UnrulyCause {
  readonly kind: 'unruly'
  readonly columns: readonly string[]
}

/** Changed on both sides. `fields` are the columns of each field in dispute; none: the whole row. */
export interface ClashCause {
  readonly kind: 'clash'
  readonly conflictId: number
  readonly table: EntityTable
  readonly fields: readonly (readonly string[])[]
  readonly madeBy: Maker
}

/** Who made the other version, on another device than this; null where that is not known. */
export type Maker = 'me' | 'another-member' | null

/** Whose the other version is, as the heading of its column says it. */
export function makerWords(madeBy: Maker): string {
  switch (madeBy) {
    case 'me':
      return 'You, on another device'
    case 'another-member':
      return 'Another member'
    case null:
      return 'Another device'
  }
}

const nouns: Readonly<Record<string, string>> = {
  accounts: 'account',
  budgets: 'budget',
  categories: 'category',
  debts: 'debt',
  exchange_rates: 'exchange rate',
  loan_payments: 'loan payment',
  loans: 'loan',
  schedules: 'schedule',
  transactions: 'transaction',
  workspace_settings: 'workspace',
}

/** What the problem is about: "Transaction “Book shop”". */
export function problemTitle({ table, mine, theirs }: Problem): string {
  const noun = nouns[table] ?? 'entry'
  const version = mine ?? theirs
  const name = version?.['payee'] ?? version?.['name'] ?? version?.['counterparty'] ?? ''
  const title = noun.charAt(0).toUpperCase() + noun.slice(1)
  return name === '' ? title : `${title} “${name}”`
}

/** What happened and what it means, in words that need no knowledge of sync. */
export function problemSentence(problem: Problem): string {
  const { cause, mine, theirs } = problem
  switch (cause.kind) {
    case 'clash':
      return clashSentence(mine, theirs, cause.madeBy)
    case 'fault':
      return faultSentence(cause.state)
    case 'unruly':
      return unrulySentence(cause)
    case 'refusal':
      return refusalSentence(cause.code, nouns[problem.table] ?? 'entry')
  }
}

/** What the person can do about a refused change. */
export function refusalAdvice(code: string): string {
  switch (code) {
    case 'forbidden':
      return 'Ask an owner of the workspace for the right to write, then try again.'
    case 'missing-relation':
      return 'Bring the account or category back, then try again, or drop the change.'
    case 'in-use':
      return 'Move or delete those entries first, then try again.'
    case 'quota-exceeded':
      return 'Delete what is not needed any more, then try again.'
    case 'too-large':
      return 'Drop the change and enter it again with a shorter text.'
    default:
      return 'Try again after an update of the app, or drop the change.'
  }
}

function clashSentence(mine: Version | null, theirs: Version | null, madeBy: Maker): string {
  const isOthers = madeBy === 'another-member'
  if (mine === null) {
    return isOthers
      ? 'You deleted it here, and another member changed it.'
      : 'You deleted it here, and it was changed on another device.'
  }
  // A delete names nobody: there is no row to say who.
  if (theirs === null) return 'You changed it here, and it was deleted on another device.'
  return isOthers
    ? 'You changed it here, and another member changed it too.'
    : 'You changed it here, and it was changed on another device too.'
}

function refusalSentence(code: string, noun: string): string {
  switch (code) {
    case 'forbidden':
      return 'You may look at this workspace but not change it, so the change was not taken.'
    case 'missing-relation':
      return 'It belongs to an account or a category that does not exist any more.'
    case 'in-use':
      return `It could not be deleted: other entries still belong to this ${noun}.`
    case 'quota-exceeded':
      return 'The workspace is full, so the change was not taken.'
    case 'too-large':
      return 'It has a text that is too long to be stored.'
    default:
      return 'The server could not store it; your version is kept here.'
  }
}

/** A faulty device writes such values; this one does not store them. */
function unrulySentence({ columns }: UnrulyCause): string {
  const names = columns.map((name) => name.replace(/_id$/, '').replaceAll('_', ' ')).join(', ')
  return `Another device wrote a value that this app cannot use: ${names}. Where it would count, it counts as nothing.`
}

function faultSentence(state: Extract<ProblemCause, { kind: 'fault' }>['state']): string {
  switch (state) {
    case 'locked':
      return 'Its key has not arrived on this device yet. It opens by itself when it has.'
    case 'stale-key':
      return 'It was sealed by a newer version of the app. Update the app to open it.'
    case 'tampered':
      return 'It does not prove to be what one of your devices sealed, so it is left alone: not shown, not changed, not sent.'
    case 'unsealable':
      return 'It holds a value that cannot be sealed, so it stays on this device. Edit it to mend it.'
  }
}
