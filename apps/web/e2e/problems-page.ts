import { randomUUID } from 'node:crypto'
import { expect, type Locator, type Page } from '@playwright/test'
import {
  executeApp,
  queryApp,
  syncStatus,
  transactionRow,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'

export async function deleteTransaction(page: Page, payee: string): Promise<void> {
  await transactionRow(page, payee).click()
  await page.getByRole('button', { name: 'Delete transaction' }).click()
  await expect(transactionRow(page, payee)).toHaveCount(0)
}

/** Past the app's own gate, by SQL: what a faulty app would seal. */
export async function writeFaultyRows(page: Page): Promise<void> {
  const account = 'SELECT * FROM accounts ORDER BY created_at LIMIT 1'
  await executeApp(
    page,
    `INSERT INTO accounts (id, workspace_id, type, currency, sort_order, name, opening_balance,
       created_at, updated_at)
     SELECT uuid(), workspace_id, 'cash', currency, 9, 'Broken purse', 9223372036854775807,
       created_at, updated_at FROM (${account})`,
  )
  await executeApp(
    page,
    `INSERT INTO categories (id, workspace_id, kind, sort_order, name, icon, colour, created_at,
       updated_at)
     SELECT uuid(), workspace_id, 'expense', 99, 'Odd icon', 'constructor', 'toString', created_at,
       updated_at FROM (${account})`,
  )
  await executeApp(
    page,
    `INSERT INTO transactions (id, workspace_id, account_id, category_id, kind, occurred_on, status,
       amount, payee, created_at, updated_at)
     SELECT uuid(), account.workspace_id, account.id, category.id, value ->> 0, date('now'), 'cleared',
       CAST(value ->> 1 AS INTEGER), value ->> 2, ${Date.now()}, ${Date.now()}
     FROM (${account}) AS account, (SELECT id FROM categories WHERE name = 'Odd icon') AS category,
       json_each('[["income", "9223372036854775807", "Far too much"],
         ["income", "9223372036854775807", "Far too much too"],
         ["expense", "-9223372036854775808", "Far too little"], ["expense", null, "No amount"]]')`,
  )
}

/** 10.00, of which the parts are 4.00 and 5.00. */
export async function writeFaultySplit(page: Page): Promise<void> {
  const wholeId = randomUUID()
  await executeApp(
    page,
    `INSERT INTO transactions (id, workspace_id, account_id, parent_id, kind, occurred_on, status,
       amount, payee, created_at, updated_at)
     SELECT coalesce(value ->> 0, uuid()), workspace_id, account.id, value ->> 1, 'expense',
       date('now'), 'cleared', value ->> 2, value ->> 3, ${Date.now()}, ${Date.now()}
     FROM (SELECT * FROM accounts ORDER BY created_at LIMIT 1) AS account,
       json_each('[["${wholeId}", null, -1000, "Weekly shop"],
         [null, "${wholeId}", -400, "Food"], [null, "${wholeId}", -500, "Soap"]]')`,
  )
}

export async function goTo(
  page: Page,
  place: 'Overview' | 'Accounts' | 'Categories',
): Promise<void> {
  await page.getByRole('link', { name: place, exact: true }).first().click()
  await page.getByRole('heading', { name: place, level: 1 }).waitFor()
}

export function accountRow(page: Page, name: string): Locator {
  return page
    .getByRole('list', { name: 'Accounts' })
    .getByRole('listitem')
    .filter({ hasText: name })
}

export function totalOf(page: Page): Locator {
  return page.getByRole('main').locator('dl', { hasText: 'Total in' }).locator('dd')
}

/** Through the indicator that is always in sight. */
export async function openProblems(page: Page): Promise<void> {
  await expect(syncStatus(page)).toHaveText(/problem/)
  await syncStatus(page).click()
  await page.getByRole('link', { name: /^Look at the problem/ }).click()
  await page.getByRole('heading', { name: 'Problems', level: 1 }).waitFor()
}

export function problemCard(page: Page, title: string): Locator {
  return page.getByRole('region', { name: title })
}

/** The cells "Mine" and "Theirs" of one line. */
export function versionsOf(problem: Locator, label: string): Locator {
  return problem.getByRole('row', { name: label }).getByRole('cell')
}

/** Nothing is left to decide, in the indicator and in every table that could hold it. */
export async function expectNoProblems(page: Page): Promise<void> {
  await waitUntilUpToDate(page)
  const [left] = await queryApp(
    page,
    `SELECT (SELECT count(*) FROM upload_problems WHERE settled = 0) AS refused,
            (SELECT count(*) FROM router_conflicts WHERE settled_at IS NULL) AS clashes,
            (SELECT count(*) FROM router_faults) AS faults,
            (SELECT count(*) FROM router_unruly) AS unruly,
            (SELECT count(*) FROM misfits) AS misfits`,
  )
  expect(left).toEqual({ refused: 0, clashes: 0, faults: 0, unruly: 0, misfits: 0 })
}
