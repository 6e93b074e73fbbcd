import { asAmountMinor, isDay, readAmount, type AmountMinor } from '@sealbook/ledger'
import { enteredName } from '../../data/entered-text.ts'
import { amountErrorText, parseMoney } from '../../data/money.ts'
import type { FieldsTogether } from '../../data/form-edits.ts'
import { noCategory } from './filters.ts'
import type { TransactionValues } from './commands.ts'
import type { TransactionRow } from './queries.ts'

/** The form while a person fills it in. `amountText` is the size; `kind` says which way it goes. */
export interface Draft {
  readonly kind: 'expense' | 'income'
  readonly amountText: string
  readonly payee: string
  /** A category's id, or `noCategory`. */
  readonly categoryId: string
  readonly accountId: string | null
  readonly date: string
  readonly status: 'pending' | 'cleared'
  readonly note: string
}

/** The account says in which currency the amount is, the kind which way it goes. */
export const enteredTogether: FieldsTogether<Draft> = {
  amountText: ['kind', 'accountId'],
  accountId: ['amountText', 'kind'],
  kind: ['amountText', 'accountId', 'categoryId'],
  categoryId: ['kind'],
}

export type DraftErrors = Partial<Record<'amount' | 'account' | 'date' | 'payee' | 'note', string>>

export type CheckedDraft =
  | { readonly ok: true; readonly value: TransactionValues }
  | { readonly ok: false; readonly errors: DraftErrors }

export function newDraft(accountId: string | null, today: string): Draft {
  return {
    kind: 'expense',
    amountText: '',
    payee: '',
    categoryId: noCategory,
    accountId,
    date: today,
    status: 'cleared',
    note: '',
  }
}

export function isSameDraft(one: Draft, other: Draft): boolean {
  return (Object.keys(one) as (keyof Draft)[]).every((field) => one[field] === other[field])
}

/**
 * A refund, money back in an expense category, shows as a negative amount. What another device wrote
 * and the form has no place for comes as something that it has, to be saved in its stead.
 */
export function draftOf(
  row: TransactionRow,
  formatSize: (amountMinor: AmountMinor | null) => string,
): Draft {
  const kind = row.kind === 'income' ? 'income' : 'expense'
  const amount = row.amount === null ? null : kind === 'expense' ? -row.amount : row.amount
  return {
    kind,
    amountText: formatSize(readAmount(amount)),
    payee: row.payee ?? '',
    categoryId: row.category_id ?? noCategory,
    accountId: row.account_id,
    date: row.occurred_on,
    status: row.status === 'pending' ? 'pending' : 'cleared',
    note: row.note ?? '',
  }
}

/** Says everything that is missing or wrong at once, in words for the person. */
export function checkDraft(
  draft: Draft,
  currencyOf: (accountId: string) => string | null,
): CheckedDraft {
  const errors: { -readonly [Field in keyof DraftErrors]: string } = {}
  const currency = draft.accountId === null ? null : currencyOf(draft.accountId)
  if (currency === null) errors.account = 'Choose an account.'
  if (!isDay(draft.date)) errors.date = 'Choose a date.'
  const amount = parseMoney(draft.amountText, currency ?? 'EUR')
  if (!amount.ok) {
    // Without an account nobody knows which currency would be another one.
    const isOther = amount.error.kind === 'other-currency' && currency === null
    if (!isOther) errors.amount = amountErrorText(amount.error, currency ?? 'EUR')
  }
  if (amount.ok && amount.value === 0) errors.amount = 'Enter an amount other than zero.'
  if (draft.accountId === null || !amount.ok || Object.keys(errors).length > 0) {
    return { ok: false, errors }
  }
  return {
    ok: true,
    value: {
      accountId: draft.accountId,
      categoryId: draft.categoryId === noCategory ? null : draft.categoryId,
      kind: draft.kind,
      occurredOn: draft.date,
      status: draft.status,
      amount: asAmountMinor(draft.kind === 'expense' ? 0 - amount.value : amount.value),
      payee: enteredName(draft.payee) ?? '',
      note: draft.note.trim(),
    },
  }
}
