import type { OwedGround, OwedKind } from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import type { RefusalCode } from '@sealbook/schema/upload'
import { shownName } from '../../data/entered-text.ts'
import type { MisfitKind } from '../../data/misfits.ts'

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
  | RefusalCause
  | ClashCause
  | UnrulyCause
  | MisfitCause
  | OwedCause
  /** The server's version is not used: not shown, not changed and not sent. */
  | {
      readonly kind: 'fault'
      readonly state: 'locked' | 'stale-key' | 'tampered' | 'unsealable'
    }

/** The server did not take the change; `code` is one of the schema's, or of a newer server. */
export interface RefusalCause {
  readonly kind: 'refusal'
  readonly id: number
  readonly code: string
}

/** The server lost it, brings it back, or has two of one revision: its answer waits for the person. */
export interface OwedCause {
  readonly kind: 'owed'
  readonly owed: OwedKind
  readonly ground: OwedGround
  readonly table: EntityTable
}

/** The row is shown, and these columns of it break the ledger's rules. */
export interface UnrulyCause {
  readonly kind: 'unruly'
  readonly columns: readonly string[]
}

/** The transaction is sound by itself, and does not fit what belongs to it. */
export interface MisfitCause {
  readonly kind: 'misfit'
  readonly misfits: readonly MisfitKind[]
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
  const written = version?.['payee'] ?? version?.['name'] ?? version?.['counterparty']
  const name = shownName(written ?? null)
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
      return faultSentence(cause.state, mine !== null)
    case 'owed':
      return owedSentence(cause, theirs !== null)
    case 'unruly':
      return unrulySentence(cause)
    case 'misfit':
      return cause.misfits.map((kind) => misfitSentences[kind]).join(' ')
    case 'refusal':
      return refusalWords(cause.code).sentence
  }
}

/** What the person can do about a refused change. */
export function refusalAdvice(code: string): string {
  return refusalWords(code).advice
}

/** As it is, the server would refuse it again. */
export function needsEdit(code: string): boolean {
  return refusalWords(code).needsEdit === true
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

interface RefusalWords {
  readonly sentence: string
  readonly advice: string
  readonly needsEdit?: true
}

const refusals: Readonly<Record<RefusalCode, RefusalWords>> = {
  'unknown-table': {
    sentence: 'The server does not know this kind of entry yet; your version is kept here.',
    advice: 'Try again once the server is updated, or drop the change.',
  },
  'invalid-operation': {
    sentence: 'The server could not read the change; your version is kept here.',
    advice: 'Try again later, or drop the change.',
  },
  'invalid-data': {
    sentence: 'It holds a value that the server does not take; your version is kept here.',
    advice: 'Edit it and try again, or drop the change.',
    needsEdit: true,
  },
  'plaintext-in-sealed-column': {
    sentence: 'It did not reach the server sealed as it must be, so nothing of it was stored.',
    advice: 'Try again after an update of the app: it is sealed anew. Or drop the change.',
  },
  'too-large': {
    sentence: 'It has a text that is too long to be stored.',
    advice: 'Edit it to a shorter text and try again, or drop the change.',
    needsEdit: true,
  },
  forbidden: {
    sentence: 'You may look at this workspace but not change it, so the change was not taken.',
    advice: 'Ask an owner of the workspace for the right to write, then try again.',
  },
  'missing-relation': {
    sentence: 'It belongs to an account or a category that does not exist any more.',
    advice: 'Edit it to choose another and try again, or drop the change.',
    needsEdit: true,
  },
  'in-use': {
    sentence: 'It could not be deleted: other entries still belong to it.',
    advice: 'Move or delete those entries first, then try again.',
  },
  conflict: {
    sentence: 'It was changed on another device meanwhile, so the change was not taken.',
    advice: 'Try again to make your change on top of that, or drop it.',
  },
  'wrong-author': {
    sentence: 'It was made under another account than yours, so the change was not taken.',
    advice: 'Try again to make it under your account, or drop the change.',
  },
  'quota-exceeded': {
    sentence: 'The workspace is full, so the change was not taken.',
    advice: 'Delete what is not needed any more, then try again.',
  },
}

/** Of a newer server, or of one that lies: nothing proves its code, so it is no sign of a newer app. */
const unknownRefusal: RefusalWords = {
  sentence: 'The server could not store it; your version is kept here.',
  advice: 'Try again later, or drop the change.',
}

function refusalWords(code: string): RefusalWords {
  return Object.entries(refusals).find(([known]) => known === code)?.[1] ?? unknownRefusal
}

/** A faulty device writes such values; this one does not store them. */
function unrulySentence({ columns }: UnrulyCause): string {
  const names = columns.map((name) => name.replace(/_id$/, '').replaceAll('_', ' ')).join(', ')
  return `Another device wrote a value that this app cannot use: ${names}. Where it would count, it counts as nothing.`
}

const misfitSentences: Readonly<Record<MisfitKind, string>> = {
  split: 'Another device wrote parts of this split that do not make up the whole.',
  rate: 'Another device wrote an original amount that is not this amount at its rate.',
}

function owedSentence({ owed, ground }: OwedCause, isServed: boolean): string {
  switch (owed) {
    case 'lost': {
      const now = isServed ? 'has another version instead' : 'does not have it'
      const how =
        ground === 'acknowledged'
          ? `The server confirmed that it stored this, and now ${now}.`
          : `The server had this, and went back to an earlier state: now it ${now}.`
      const orDeleted =
        ground === 'acknowledged' && !isServed
          ? ' It lost it, or somebody deleted it right afterwards.'
          : ''
      return `${how}${orDeleted} Your version stays on this device until you decide.`
    }
    case 'returned':
      return 'It was deleted, and the server has it again. On this device it stays deleted until you decide.'
    case 'forked':
      return 'The server has another version of this under the same number. The version that was here first stays until you decide.'
  }
}

/** @param isShown the ledger has the row, from before the server's version arrived. */
function faultSentence(
  state: Extract<ProblemCause, { kind: 'fault' }>['state'],
  isShown: boolean,
): string {
  const kept = ' The ledger shows the last version that was sound.'
  switch (state) {
    case 'locked':
      return 'Its key has not arrived on this device yet. It opens by itself when it has.'
    case 'stale-key':
      return isShown
        ? `The server has a version that names a key or a form unknown to this app: from a newer app, or changed on the way. It is not used.${kept}`
        : 'It names a key or a form unknown to this app: from a newer app, or changed on the way. It is left alone: not shown, not changed, not sent.'
    case 'tampered':
      return isShown
        ? `The server has a version that does not prove to be what one of your devices sealed, so it is not used.${kept}`
        : 'It does not prove to be what one of your devices sealed, so it is left alone: not shown, not changed, not sent.'
    case 'unsealable':
      return 'It holds a value that cannot be sealed, so it stays on this device. Edit it to mend it.'
  }
}
