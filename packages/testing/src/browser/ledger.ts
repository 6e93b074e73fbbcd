import type { Locator, Page } from 'playwright-core'

const upToDateTimeoutMs = 60_000

export interface AccountInput {
  readonly name: string
  /** As a person types it, in the account's currency. */
  readonly openingBalance: string
  readonly note?: string
}

export interface TransactionInput {
  readonly amount: string
  readonly payee: string
  readonly note?: string
  readonly kind?: 'Expense' | 'Income'
}

export async function addAccount(page: Page, account: AccountInput): Promise<void> {
  await openPlace(page, 'Accounts')
  await page.getByRole('button', { name: 'Add account' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill(account.name)
  await dialog.getByRole('textbox', { name: 'Opening balance' }).fill(account.openingBalance)
  if (account.note !== undefined)
    await dialog.getByRole('textbox', { name: 'Note' }).fill(account.note)
  await dialog.getByRole('button', { name: 'Save account' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

export async function addCategory(page: Page, name: string): Promise<void> {
  await openPlace(page, 'Categories')
  await page.getByRole('button', { name: 'Add category' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  await dialog.getByRole('button', { name: 'Save category' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

export async function openTransactions(page: Page): Promise<void> {
  await openPlace(page, 'Transactions')
  await page.getByRole('heading', { name: 'Transactions', level: 1 }).waitFor()
}

export async function addTransaction(page: Page, transaction: TransactionInput): Promise<void> {
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Add (transaction|your first transaction)$/ })
    .first()
    .click()
  await fillTransaction(page, transaction)
}

/** @param payee the row's payee as it is now. */
export async function editTransaction(
  page: Page,
  payee: string,
  change: Partial<TransactionInput>,
): Promise<void> {
  await transactionRow(page, payee).click()
  await fillTransaction(page, change)
}

/** The list's row, whose accessible name begins with the payee. */
export function transactionRow(page: Page, payee: string): Locator {
  const escaped = payee.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return page.getByRole('row', { name: new RegExp(`^${escaped},`) })
}

/** The indicator that is always in sight. */
export function syncStatus(page: Page): Locator {
  return page.getByRole('button', { name: /^Sync: / })
}

/** Until the app itself says that nothing waits in either direction. */
export async function waitUntilUpToDate(page: Page, timeout = upToDateTimeoutMs): Promise<void> {
  await page.getByRole('button', { name: 'Sync: Up to date' }).waitFor({ timeout })
}

/** Fills the form that is open, and saves it. */
export async function fillTransaction(page: Page, input: Partial<TransactionInput>): Promise<void> {
  const dialog = page.getByRole('dialog')
  if (input.kind !== undefined) await dialog.getByText(input.kind, { exact: true }).click()
  if (input.amount !== undefined)
    await dialog.getByRole('textbox', { name: 'Amount' }).fill(input.amount)
  if (input.payee !== undefined)
    await dialog.getByRole('combobox', { name: 'Payee' }).fill(input.payee)
  if (input.note !== undefined) await dialog.getByRole('textbox', { name: 'Note' }).fill(input.note)
  await dialog.getByRole('button', { name: 'Save transaction' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

async function openPlace(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).first().click()
}
