import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  executeApp,
  openTransactions,
  queryApp,
  queryPostgres,
  registerPerson,
  startStack,
  testPerson,
  transactionRow,
  waitUntilUpToDate,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('versions')

test.describe('two tabs, of which one is of an older version', () => {
  let stack: Stack
  let context: BrowserContext
  let older: Page
  let other: Page

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    context = await browser.newContext()
    older = await context.newPage()
    await registerPerson(older, stack.url, { ...person, stayUnlocked: true })
    await addAccount(older, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(older)
    await addTransaction(older, { amount: '12.50', payee: 'Corner bakery' })
    await waitUntilUpToDate(older)
    other = await context.newPage()
    await other.goto(stack.url)
    await openTransactions(other)
    await expect(transactionRow(other, 'Corner bakery')).toBeVisible()
  })

  test.afterAll(async () => {
    await context.close()
    await stack.dispose()
  })

  test('the older one stops, shows what was typed, and writes nothing more', async () => {
    await transactionRow(older, 'Corner bakery').click()
    const dialog = older.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Note' }).fill('Sunday rolls, unsaved')
    const [stored] = await queryApp<{ version: number }>(other, 'SELECT version FROM app_schema')

    // As a newer version of the app does when it opens the database; both tabs are older than that.
    await executeApp(other, `UPDATE app_schema SET version = ${(stored?.version ?? 0) + 1}`)

    for (const tab of [older, other]) {
      await expect(tab.getByRole('heading', { name: 'This tab is out of date' })).toBeVisible()
      await expect(tab.getByRole('button', { name: 'Reload' })).toBeFocused()
    }
    await expect(older.getByRole('alert')).toContainText('Sunday rolls, unsaved')
    await expect(other.getByRole('alert')).not.toContainText('not saved')
    await expect(older.getByRole('dialog')).toHaveCount(0)

    // This app is still the older one after a reload: it says so again, and the ledger is left alone.
    await older.getByRole('button', { name: 'Reload' }).click()
    await expect(older.getByRole('heading', { name: 'This tab is out of date' })).toBeVisible()
    const rows = await queryPostgres<{ revision: string }>(
      stack.databaseUrl,
      'SELECT revision FROM transactions_encrypt',
    )
    expect(rows.map(({ revision }) => Number(revision))).toEqual([1])
  })
})
