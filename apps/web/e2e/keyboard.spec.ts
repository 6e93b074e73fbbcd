import { expect, test, type Page } from '@playwright/test'
import {
  addAccount,
  executeApp,
  openTransactions,
  registerPerson,
  startStack,
  syncStatus,
  testPerson,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('keyboard')
const historyRows = 40

test.describe.configure({ mode: 'serial' })

test.describe('without a mouse', () => {
  let stack: Stack
  let page: Page

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    page = await (await browser.newContext()).newPage()
    await registerPerson(page, stack.url, person)
    await addAccount(page, { name: 'Purse', openingBalance: '15' })
    await addAccount(page, { name: 'Wallet', openingBalance: '40' })
    await writeHistory(page)
  })

  test.afterAll(async () => {
    await page.context().close()
    await stack.dispose()
  })

  test('a key opens the entry, Tab stays in it, Enter saves and Escape leaves it', async () => {
    const { keyboard } = page
    await openTransactions(page)
    await keyboard.press('n')
    const dialog = page.getByRole('dialog', { name: 'New transaction' })
    await expect(dialog.getByRole('textbox', { name: 'Amount' })).toBeFocused()
    await keyboard.type('12.30')
    await keyboard.press('Enter')
    await expect(dialog).toHaveCount(0)
    await expect(page.getByRole('row', { name: /12\.30/ })).toBeVisible()

    await keyboard.press('n')
    await expect(dialog.getByRole('textbox', { name: 'Amount' })).toBeFocused()
    for (let tabs = 0; tabs < 20; tabs++) {
      await keyboard.press('Tab')
      expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(
        true,
      )
    }
    await keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
  })

  test('the list is one stop, in which arrows, Page keys, Home and End move', async () => {
    const { keyboard } = page
    await keyboard.press('/')
    await expect(page.getByRole('searchbox', { name: 'Search transactions' })).toBeFocused()
    await tabToGrid(page)
    await expectActive(page, 1)
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowDown')
    await expectActive(page, 3)
    await keyboard.press('ArrowUp')
    await expectActive(page, 2)
    // After the row of today comes a day with four.
    await keyboard.press('ArrowRight')
    await expectActive(page, 6)
    await keyboard.press('PageDown')
    await expect.poll(() => activeIndex(page)).toBeGreaterThan(9)
    await expectActive(page, await activeIndex(page))
    await keyboard.press('PageUp')
    await expectActive(page, 6)
    await keyboard.press('End')
    await expectActive(page, historyRows + 1)
    await keyboard.press('Home')
    await expectActive(page, 1)
    await keyboard.press('Shift+Tab')
    await keyboard.press('Tab')
    await expectActive(page, 1)
  })

  test('Enter opens the active row, and the list has the focus again after it', async () => {
    const { keyboard } = page
    await keyboard.press('End')
    await expectActive(page, historyRows + 1)
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Edit transaction' })
    await expect(dialog.getByRole('combobox', { name: 'Payee' })).toHaveValue(
      `Payee ${historyRows - 1}`,
    )
    await keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await expectActive(page, historyRows + 1)

    await keyboard.press('Enter')
    await expect(dialog.getByRole('textbox', { name: 'Amount' })).toBeFocused()
    await keyboard.press('ControlOrMeta+a')
    await keyboard.type('77.70')
    await keyboard.press('Enter')
    await expect(dialog).toHaveCount(0)
    await expect(activeRow(page, historyRows + 1)).toContainText('77.70')
    await expectActive(page, historyRows + 1)
  })

  test('Delete deletes the active row once, and Undo is reached by F6', async () => {
    const { keyboard } = page
    await expectActive(page, historyRows + 1)
    // A key that is held down repeats; it must not eat the rows that move up.
    await keyboard.down('Delete')
    await keyboard.down('Delete')
    await keyboard.up('Delete')
    await expect(page.getByText('Transaction deleted')).toBeVisible()
    await expect(grid(page)).toHaveAttribute('aria-rowcount', String(historyRows))
    await expectActive(page, historyRows)

    await keyboard.press('F6')
    await keyboard.press('Tab')
    await keyboard.press('Tab')
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused()
    await keyboard.press('Enter')
    await expect(grid(page)).toHaveAttribute('aria-rowcount', String(historyRows + 1))
    await expect(grid(page)).toBeFocused()
    await keyboard.press('End')
    await expectActive(page, historyRows + 1)
    await expect(activeRow(page, historyRows + 1)).toContainText('77.70')
  })

  test("a row's menu is walked, gives the focus back, and leaves it near what went away", async () => {
    const { keyboard } = page
    await goTo(page, 'c', 'Categories')
    const trigger = page.getByRole('button', { name: 'Actions for Groceries' })
    await trigger.focus()
    await keyboard.press('Enter')
    await expect(page.getByRole('menuitem', { name: 'Edit' })).toBeFocused()
    await keyboard.press('Escape')
    await expect(trigger).toBeFocused()

    await keyboard.press('Enter')
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Edit category' })
    await expect(dialog).toBeVisible()
    await keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await expect(trigger).toBeFocused()

    await keyboard.press('Enter')
    await keyboard.press('ArrowDown')
    await expect(page.getByRole('menuitem', { name: 'Archive' })).toBeFocused()
    await keyboard.press('Enter')
    const archived = page.getByRole('list', { name: 'Archived categories' })
    await expect(archived.getByRole('button', { name: 'Edit Groceries' })).toBeVisible()
    const expenses = page.getByRole('list', { name: 'Expenses' })
    await expect(expenses.getByRole('button', { name: /^Actions for/ }).first()).toBeFocused()
  })

  test('an account is moved, and archived as it cannot be deleted, and the focus stays in the list', async () => {
    const { keyboard } = page
    await goTo(page, 'a', 'Accounts')
    const names = page
      .getByRole('list', { name: 'Accounts', exact: true })
      .getByRole('button', { name: /^Edit/ })
    await expect(names).toHaveText(['Purse', 'Wallet'])
    const trigger = page.getByRole('button', { name: 'Actions for Purse' })
    await trigger.focus()
    await keyboard.press('Enter')
    await keyboard.press('ArrowDown')
    await expect(page.getByRole('menuitem', { name: 'Move down' })).toBeFocused()
    await keyboard.press('Enter')
    await expect(names).toHaveText(['Wallet', 'Purse'])
    await expect(trigger).toBeFocused()

    await keyboard.press('Enter')
    await keyboard.press('End')
    await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeFocused()
    await keyboard.press('Enter')
    const question = page.getByRole('alertdialog', { name: 'Purse has transactions' })
    await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await keyboard.press('Tab')
    await expect(question.getByRole('button', { name: 'Archive account' })).toBeFocused()
    await keyboard.press('Enter')
    await expect(names).toHaveText(['Wallet'])
    await expect(page.getByRole('button', { name: 'Actions for Wallet' })).toBeFocused()
  })

  test('the sync state opens, leads nowhere by itself, and closes', async () => {
    const { keyboard } = page
    const status = syncStatus(page)
    await status.focus()
    await keyboard.press('Enter')
    const card = page.getByRole('dialog', { name: 'Sync details' })
    await expect(card).toBeVisible()
    await expect
      .poll(() => card.evaluate((element) => element.contains(document.activeElement)))
      .toBe(true)
    await keyboard.press('Escape')
    await expect(card).toHaveCount(0)
    await expect(status).toBeFocused()
  })
})

/** Four a day, some days back, whatever the time zone; "Payee 0" is the newest. All of the wallet. */
async function writeHistory(page: Page): Promise<void> {
  await executeApp(
    page,
    `INSERT INTO transactions (id, workspace_id, account_id, kind, occurred_on, status, amount, payee,
       note, created_at, updated_at)
     WITH RECURSIVE nth(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM nth WHERE n < ${historyRows - 1})
     SELECT uuid(), account.workspace_id, account.id, 'expense', date('now', -(3 + n / 4) || ' days'),
       'cleared', -100 - n, 'Payee ' || n, '', 1700000000000 - n, 1700000000000 - n
     FROM nth, accounts AS account WHERE account.name = 'Wallet'`,
  )
}

async function goTo(page: Page, letter: string, heading: string): Promise<void> {
  await page.keyboard.press('g')
  await page.keyboard.press(letter)
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
}

function grid(page: Page) {
  return page.getByRole('grid', { name: 'Transactions' })
}

function activeRow(page: Page, index: number) {
  return grid(page).locator(`[role="row"][aria-rowindex="${index}"][aria-selected="true"]`)
}

async function tabToGrid(page: Page): Promise<void> {
  for (let tabs = 0; tabs < 12; tabs++) {
    await page.keyboard.press('Tab')
    if (await grid(page).evaluate((element) => element === document.activeElement)) return
  }
  throw new Error('Tab does not lead from the search to the list')
}

/** Place of the row that the grid names as active, from 1; 0 while it names none that exists. */
function activeIndex(page: Page): Promise<number> {
  return grid(page).evaluate((element) => {
    const id = element.getAttribute('aria-activedescendant')
    const row = id === null ? null : document.getElementById(id)
    return Number(row?.getAttribute('aria-rowindex') ?? 0)
  })
}

/** The grid has the focus, names this row, and shows it uncovered. */
async function expectActive(page: Page, index: number): Promise<void> {
  await expect(grid(page)).toBeFocused()
  await expect.poll(() => activeIndex(page)).toBe(index)
  await expect
    .poll(() =>
      activeRow(page, index).evaluate((row) => {
        const { left, right, top, bottom } = row.getBoundingClientRect()
        const middle = (left + right) / 2
        return [top + 2, bottom - 2].every((y) =>
          row.contains(document.elementFromPoint(middle, y)),
        )
      }),
    )
    .toBe(true)
}
