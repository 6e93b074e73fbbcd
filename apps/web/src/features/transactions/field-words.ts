import type { Account, Category, Records } from '../../data/records.ts'
import { deviceLocale } from '../../data/money.ts'
import { isDay } from '@sealbook/ledger'
import type { Draft } from './draft.ts'
import { noCategory } from './filters.ts'

/** A field of the form and what stands in it, in the words that the form itself uses. */
export function fieldWords(
  name: keyof Draft,
  draft: Draft,
  accounts: Records<Account>,
  categories: Records<Category>,
): { readonly label: string; readonly value: string } {
  const { accountId, categoryId } = draft
  const account = accountId === null ? undefined : accounts.byId.get(accountId)
  switch (name) {
    case 'amountText':
      return { label: 'Amount', value: `${draft.amountText} ${account?.currency ?? ''}`.trim() }
    case 'kind':
      return { label: 'Kind', value: draft.kind === 'income' ? 'Income' : 'Expense' }
    case 'categoryId': {
      const category = categories.byId.get(categoryId)
      const none = categoryId === noCategory ? 'No category' : 'A category that is gone'
      return { label: 'Category', value: category?.name ?? none }
    }
    case 'accountId':
      return { label: 'Account', value: account?.name ?? 'An account that is gone' }
    case 'date':
      return { label: 'Date', value: isDay(draft.date) ? dayWords(draft.date) : draft.date }
    case 'status':
      return { label: 'Status', value: draft.status === 'pending' ? 'Pending' : 'Cleared' }
    case 'payee':
      return { label: 'Payee', value: draft.payee }
    case 'note':
      return { label: 'Note', value: draft.note }
  }
}

function dayWords(day: string): string {
  return new Intl.DateTimeFormat(deviceLocale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )
}
