import { expect, test, type BrowserContext, type Page, type Route } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  executeApp,
  openTransactions,
  registerPerson,
  signIn,
  startStack,
  syncStatus,
  testPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('answers')

test.describe.configure({ mode: 'serial' })

/** What a server says of the account decides nothing about the ledger on the device. */
test.describe('the ledger stays, whatever the server answers', () => {
  let stack: Stack
  let device: BrowserContext
  let page: Page

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    device = await browser.newContext()
    page = await device.newPage()
    await registerPerson(page, stack.url, person)
    await addAccount(page, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(page)
    await addTransaction(page, { amount: '12.50', payee: 'Corner bakery' })
    await waitUntilUpToDate(page)
  })

  test.afterAll(async () => {
    await device.close()
    await stack.dispose()
  })

  test('signed out elsewhere while a form is half typed: it stays, is saved, and is sent after signing in again', async ({
    browser,
  }) => {
    const elsewhere = await browser.newContext()
    const other = await elsewhere.newPage()
    await signIn(other, stack.url, person)
    await unlock(other, person.secretKey)
    await page.getByRole('main').getByRole('button', { name: 'Add transaction' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Amount' }).fill('7.30')
    await dialog.getByRole('combobox', { name: 'Payee' }).fill('Night tram')
    const revoked = await other.evaluate(
      async () =>
        (
          await fetch('/api/auth/revoke-other-sessions', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: '{}',
          })
        ).status,
    )
    expect(revoked).toBe(200)
    // What the device sends next is answered with 401.
    await executeApp(page, `UPDATE accounts SET note = 'changed meanwhile'`)
    const notice = page.getByText('Signed out. Sign in to sync.')
    await expect(notice).toBeAttached()
    await expect(dialog.getByRole('textbox', { name: 'Amount' })).toHaveValue('7.30')
    await expect(dialog.getByRole('combobox', { name: 'Payee' })).toHaveValue('Night tram')
    await dialog.getByRole('button', { name: 'Save transaction' }).click()
    await expect(transactionRow(page, 'Night tram')).toBeVisible()
    await expect(notice).toBeVisible()
    await expect(syncStatus(page)).toHaveText('Signed out')

    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    const again = page.getByRole('dialog', { name: 'Sign in again' })
    await again.getByRole('textbox', { name: 'Password' }).fill('not the password')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await expect(again.getByRole('alert')).toContainText('does not take this email and password')
    await again.getByRole('textbox', { name: 'Password' }).fill(person.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await expect(again).toBeHidden()
    await expect(notice).toBeHidden()
    await waitUntilUpToDate(page)
    await openTransactions(other)
    await expect(transactionRow(other, 'Night tram')).toBeVisible()
    await elsewhere.close()
  })

  test('no workspaces in the answer: the ledger opens, the form never shows, the key is offered', async () => {
    await page.getByRole('link', { name: 'Settings', exact: true }).first().click()
    await page.getByRole('button', { name: 'Lock now' }).click()
    const lie = (route: Route) => answerKeys(route, (keys) => ({ ...keys, workspaces: [] }))
    await device.route('**/api/keys', lie)
    await page.reload()
    await unlock(page, person.secretKey)
    await expect(page.getByText('The server does not list your workspace.')).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Create your workspace' })).toHaveCount(0)
    await openTransactions(page)
    await expect(transactionRow(page, 'Corner bakery')).toBeVisible()
    await page.getByRole('button', { name: 'Send my copy to the server' }).click()
    await expect(page.getByText('The server did not take it')).toBeVisible()
    await device.unroute('**/api/keys', lie)
    await page.getByRole('button', { name: 'Ask again' }).click()
    await expect(page.getByText('The server does not list your workspace.')).toBeHidden()
    await waitUntilUpToDate(page)
  })

  test('a new device is told of an answer that fails, and of one without keys, before it makes any', async ({
    browser,
  }) => {
    const fresh = await browser.newContext()
    const other = await fresh.newPage()
    const spoil = (route: Route) => route.fulfill({ json: { slots: 'none' } })
    await fresh.route('**/api/keys', spoil)
    await other.goto(stack.url)
    await other.getByRole('textbox', { name: 'Email' }).fill(person.email)
    await other.getByRole('textbox', { name: 'Password' }).fill(person.password)
    await other.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(other.getByRole('heading', { name: 'Your keys have not arrived' })).toBeVisible()
    await fresh.unroute('**/api/keys', spoil)
    const none = (route: Route) => route.fulfill({ json: { slots: [], workspaces: [] } })
    await fresh.route('**/api/keys', none)
    await other.getByRole('button', { name: 'Ask the server again' }).click()
    await expect(
      other.getByRole('heading', { name: 'This server has no keys for you' }),
    ).toBeVisible()
    await expect(other.getByRole('button', { name: 'Make new keys' })).toBeDisabled()
    await fresh.unroute('**/api/keys', none)
    await other.getByRole('button', { name: 'Ask the server again' }).click()
    await expect(other.getByRole('heading', { name: 'Unlock your ledger' })).toBeVisible()
    await unlock(other, person.secretKey)
    await fresh.close()
  })

  test('a server that was set up anew: the ledger opens, and its new account is not mixed in', async ({
    browser,
  }) => {
    const port = Number(new URL(stack.url).port)
    await stack.dispose()
    stack = await startStack({ port })
    await page.reload()
    await unlock(page, person.secretKey)
    await openTransactions(page)
    await expect(transactionRow(page, 'Corner bakery')).toBeVisible()
    await expect(page.getByText('Signed out. Sign in to sync.')).toBeVisible()

    const namesake = await browser.newContext()
    await registerPerson(await namesake.newPage(), stack.url, person)
    await namesake.close()
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    const again = page.getByRole('dialog', { name: 'Sign in again' })
    await again.getByRole('textbox', { name: 'Password' }).fill(person.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await expect(again.getByRole('alert')).toContainText('another account')
    await again.getByRole('button', { name: 'Not now' }).click()
    await addTransaction(page, { amount: '1.00', payee: 'Still here' })
    await expect(transactionRow(page, 'Still here')).toBeVisible()
    await expect(transactionRow(page, 'Corner bakery')).toBeVisible()
  })
})

interface Keys {
  readonly slots: unknown[]
  readonly workspaces: unknown[]
}

async function answerKeys(route: Route, change: (keys: Keys) => Keys): Promise<void> {
  const response = await route.fetch()
  await route.fulfill({ response, json: change((await response.json()) as Keys) })
}
