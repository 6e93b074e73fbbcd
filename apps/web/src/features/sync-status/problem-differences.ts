import type { Version } from './problem-sentence.ts'

/** One column whose value differs between the two versions. */
export interface Difference {
  readonly label: string
  readonly mine: string
  readonly theirs: string
}

/** Turns stored values into what a person reads. */
export interface ValueWords {
  money(amountMinor: string, currency: string): string
  date(day: string): string
  account(id: string): { readonly name: string; readonly currency: string } | undefined
  category(id: string): string | undefined
}

/** Columns that a person knows, in the order in which they are shown. */
const labels: Readonly<Record<string, string>> = {
  payee: 'Payee',
  name: 'Name',
  amount: 'Amount',
  opening_balance: 'Opening balance',
  occurred_on: 'Date',
  account_id: 'Account',
  category_id: 'Category',
  kind: 'Kind',
  type: 'Type',
  currency: 'Currency',
  status: 'Status',
  archived_at: 'Archived',
  icon: 'Icon',
  colour: 'Colour',
  note: 'Note',
}

/** What differs; nothing when one side is gone. */
export function differencesOf(
  mine: Version | null,
  theirs: Version | null,
  words: ValueWords,
): readonly Difference[] {
  if (mine === null || theirs === null) return []
  return Object.entries(labels)
    .filter(([name]) => (mine[name] ?? null) !== (theirs[name] ?? null))
    .map(([name, label]) => ({
      label,
      mine: valueWords(name, mine, words),
      theirs: valueWords(name, theirs, words),
    }))
}

function valueWords(name: string, version: Version, words: ValueWords): string {
  const value = version[name] ?? null
  if (name === 'archived_at') return value === null ? 'No' : 'Yes'
  if (value === null || value === '') return 'Nothing'
  switch (name) {
    case 'amount':
      return words.money(value, words.account(version['account_id'] ?? '')?.currency ?? '')
    case 'opening_balance':
      return words.money(value, version['currency'] ?? '')
    case 'occurred_on':
      return words.date(value)
    case 'account_id':
      return words.account(value)?.name ?? 'An account that is gone'
    case 'category_id':
      return words.category(value) ?? 'A category that is gone'
    case 'kind':
    case 'status':
    case 'type':
      return value.charAt(0).toUpperCase() + value.slice(1)
    default:
      return value
  }
}
