import { randomUUID } from 'node:crypto'
import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  executeApp,
  openTransactions,
  queryApp,
  registerPerson,
  startStack,
  testPerson,
  transactionRow,
  waitUntilUpToDate,
  type Stack,
} from '@sealbook/testing/browser'
import { expectNoProblems, openProblems } from './problems-page.ts'

/*
 * How a device comes to these is shown by the router's tests and by the hostile suite; here the notes
 * that they leave are written by SQL, and the person answers them.
 */
test.describe.configure({ mode: 'serial' })
test.describe('rows that the server lost, brought back or has in another version', () => {
  let stack: Stack
  let context: BrowserContext
  let page: Page

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(240_000)
    stack = await startStack()
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    page = await context.newPage()
    await registerPerson(page, stack.url, testPerson('cards'))
    await addAccount(page, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(page)
    for (const payee of ['Night tram', 'Corner bakery'])
      await addTransaction(page, { amount: '12.50', payee })
    await waitUntilUpToDate(page)
    // What was acknowledged has come back: each row is owed once at most.
    await expect.poll(() => queryApp(page, 'SELECT id FROM router_owed')).toEqual([])
  })

  test.afterAll(async () => {
    await context?.close()
    await stack?.dispose()
  })

  test('each has a card with both ways out, and the focus stays in the list', async () => {
    await noteOwed('lost', 'Night tram', 'data', 'NULL')
    await noteOwed('forked', 'Corner bakery', 'data', "json_set(data, '$.payee', 'Other bakery')")
    await noteReturned()
    await openProblems(page)
    for (const kind of ['lost', 'returned', 'forked'])
      await expect(page.locator(`[data-problem=${kind}]`)).toBeVisible()

    for (const kind of ['lost', 'forked', 'returned']) {
      const card = page.locator(`[data-problem=${kind}]`)
      await card.getByRole('button').first().focus()
      await page.keyboard.press('Enter')
      await expect(card).toHaveCount(0)
      expect(
        await page.evaluate(() => document.activeElement?.closest('main, #main') !== null),
        `the focus after ${kind}`,
      ).toBe(true)
    }
    await expectNoProblems(page)
    await openTransactions(page)
    for (const payee of ['Night tram', 'Corner bakery'])
      await expect(transactionRow(page, payee)).toBeVisible()
  })

  test('many deletes are asked about, and stay when the person says so', async () => {
    await executeApp(
      page,
      `INSERT INTO router_brakes(direction, tbl, workspace_id, ground, rows, total, at)
        SELECT 'out', 'transactions', id, 'many', 40, 80, ${Date.now()} FROM workspace_settings`,
    )
    await openProblems(page)
    const brake = page.locator('[data-problem=brake]')
    await brake.getByRole('button').first().focus()
    await page.keyboard.press('Enter')
    await expect(brake).toHaveCount(0)
    await expectNoProblems(page)
  })

  async function noteOwed(state: string, payee: string, mine: string, theirs: string) {
    await executeApp(
      page,
      `INSERT INTO router_owed(tbl, id, state, ground, workspace_id, seal, revision, mine, theirs, at)
        SELECT 'transactions', id, '${state}', 'acknowledged', data ->> 'workspace_id', NULL, 1,
          ${mine}, ${theirs}, ${Date.now()}
        FROM ps_data_local__transactions WHERE data ->> 'payee' = '${payee}'`,
    )
  }

  async function noteReturned() {
    await executeApp(
      page,
      `INSERT INTO router_owed(tbl, id, state, ground, workspace_id, seal, revision, mine, theirs, at)
        SELECT 'transactions', '${randomUUID()}', 'returned', 'acknowledged',
          data ->> 'workspace_id', NULL, 1, NULL, json_set(data, '$.payee', 'Old newspaper'),
          ${Date.now()}
        FROM ps_data_local__transactions LIMIT 1`,
    )
  }
})
