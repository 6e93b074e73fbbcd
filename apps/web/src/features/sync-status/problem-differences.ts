import { entityOf, isEntityTable, type Column } from '@sealbook/schema'
import type { ClashCause, Problem, Version } from './problem-sentence.ts'

/** One column whose value differs between two versions. */
export interface Difference {
  readonly column: string
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

/** Where the column's own name would not do. The first ones are shown first. */
const labels: Readonly<Record<string, string>> = {
  payee: 'Payee',
  name: 'Name',
  counterparty: 'Name',
  amount: 'Amount',
  principal: 'Sum',
  opening_balance: 'Opening balance',
  occurred_on: 'Date',
  account_id: 'Account',
  category_id: 'Category',
  archived_at: 'Archived',
  parent_id: 'Part of',
  transfer_id: 'Transfer',
  loan_id: 'Loan',
  debt_id: 'Debt',
  schedule_id: 'Schedule',
  transaction_id: 'Transaction',
}
const labelled = Object.keys(labels)

/** What differs between two versions of a row of that table; nothing when one is missing. */
export function differencesOf(
  table: string,
  mine: Version | null,
  theirs: Version | null,
  words: ValueWords,
): readonly Difference[] {
  if (mine === null || theirs === null || !isEntityTable(table)) return []
  const { columns } = entityOf(table)
  return Object.entries(columns)
    .filter(([name]) => (mine[name] ?? null) !== (theirs[name] ?? null))
    .toSorted(([a], [b]) => compareColumns(a, b))
    .map(([name, column]) => ({
      column: name,
      label: columnLabel(name),
      mine: valueWords(name, column, mine, words),
      theirs: valueWords(name, column, theirs, words),
    }))
}

/** What a column is called where a person reads or edits it. */
export function columnLabel(name: string): string {
  return labels[name] ?? sentenceCase(name)
}

/** The first ones are shown first. */
export function compareColumns(a: string, b: string): number {
  return placeOf(a) - placeOf(b)
}

/** The differences that a conflict is about. */
export function disputeOf(
  { table, mine, theirs }: Problem,
  { fields }: ClashCause,
  words: ValueWords,
): readonly Difference[] {
  const columns = fields.flat()
  return differencesOf(table, mine, theirs, words).filter(
    ({ column }) => columns.length === 0 || columns.includes(column),
  )
}

/** What both versions agree on and a person knows the row by: amount, day, account. */
export function factsOf({ table, mine, theirs }: Problem, words: ValueWords): readonly string[] {
  const version = mine ?? theirs
  if (version === null || !isEntityTable(table)) return []
  const { columns } = entityOf(table)
  return ['amount', 'principal', 'opening_balance', 'occurred_on', 'account_id', 'category_id']
    .filter((name) => (version[name] ?? '') !== '')
    .filter((name) => theirs === null || theirs[name] === version[name])
    .flatMap((name) => {
      const column = columns[name]
      return column === undefined ? [] : [valueWords(name, column, version, words)]
    })
}

function placeOf(name: string): number {
  const place = labelled.indexOf(name)
  return place === -1 ? labelled.length : place
}

function valueWords(name: string, column: Column, version: Version, words: ValueWords): string {
  const value = version[name] ?? null
  if (name === 'archived_at') return value === null ? 'No' : 'Yes'
  if (value === null || value === '') return 'Nothing'
  switch (column.type) {
    case 'date':
      return words.date(value)
    case 'choice':
      return sentenceCase(value)
    case 'id':
      return column.visibility === 'visible' ? relationWords(column, value, words) : value
    case 'integer':
      return column.visibility === 'sealed' && name !== 'term_months'
        ? moneyWords(name, value, version, words)
        : value
    case 'currency':
    case 'decimal':
    case 'instant':
    case 'month':
    case 'text':
      return value
  }
}

function relationWords(
  { references }: { readonly references?: string },
  id: string,
  words: ValueWords,
): string {
  if (references === 'accounts') return words.account(id)?.name ?? 'An account that is gone'
  if (references === 'categories') return words.category(id) ?? 'A category that is gone'
  return 'Another entry'
}

/** In the currency that the row itself names, or its account. */
function moneyWords(name: string, value: string, version: Version, words: ValueWords): string {
  const currency = currencyOf(name, version, words)
  return currency === undefined ? value : words.money(value, currency)
}

/** The currency of one of a row's amounts. */
export function currencyOf(
  name: string,
  version: Version,
  words: Pick<ValueWords, 'account'>,
): string | undefined {
  const own = name === 'original_amount' ? version['original_currency'] : version['currency']
  return own ?? words.account(version['account_id'] ?? '')?.currency
}

function sentenceCase(name: string): string {
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
