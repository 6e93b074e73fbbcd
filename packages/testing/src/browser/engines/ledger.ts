import type { AccountInput, TransactionInput } from '../ledger.ts'
import type { EnginePage, WaitOptions } from './page.ts'
import type { Target } from './target.ts'

export async function addAccount(page: EnginePage, account: AccountInput): Promise<void> {
  await page.click({ role: 'link', name: 'Accounts' })
  await page.click({ role: 'button', name: 'Add account' })
  await page.fill({ role: 'textbox', name: 'Name' }, account.name)
  await page.fill({ role: 'textbox', name: 'Opening balance' }, account.openingBalance)
  if (account.note !== undefined) await page.fill({ role: 'textbox', name: 'Note' }, account.note)
  await page.click({ role: 'button', name: 'Save account' })
  await page.waitUntilGone({ role: 'dialog' })
}

export async function openTransactions(page: EnginePage): Promise<void> {
  await page.click({ role: 'link', name: 'Transactions' })
  await page.waitFor({ role: 'heading', name: 'Transactions' })
}

/** On the screen of the transactions. */
export async function addTransaction(page: EnginePage, input: TransactionInput): Promise<void> {
  await page.click({ role: 'button', name: /^Add (transaction|your first transaction)$/ })
  if (input.kind !== undefined) await page.click({ text: input.kind })
  await page.fill({ role: 'textbox', name: 'Amount' }, input.amount)
  await page.fill({ role: 'combobox', name: 'Payee' }, input.payee)
  if (input.note !== undefined) await page.fill({ role: 'textbox', name: 'Note' }, input.note)
  await page.click({ role: 'button', name: 'Save transaction' })
  await page.waitUntilGone({ role: 'dialog' })
}

/** The list's row, whose accessible name begins with the payee. */
export function transactionRow(payee: string): Target {
  const escaped = payee.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return { role: 'row', name: new RegExp(`^${escaped},`) }
}

/** The indicator that is always in sight. */
export const syncStatus: Target = { role: 'button', name: /^Sync: / }

/** Until the app itself says that nothing waits in either direction. */
export async function waitUntilUpToDate(
  page: EnginePage,
  { timeout = 60_000 }: WaitOptions = {},
): Promise<void> {
  await page.waitFor({ role: 'button', name: 'Sync: Up to date' }, { timeout })
}
