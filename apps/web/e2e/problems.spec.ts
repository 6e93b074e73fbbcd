import { expect, test, type BrowserContext, type Locator, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  editTransaction,
  openTransactions,
  queryApp,
  queryPostgres,
  registerPerson,
  signIn,
  startForwardProxy,
  startStack,
  syncStatus,
  testPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
  type ForwardProxy,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('problems')

test.describe.configure({ mode: 'serial' })

test.describe('problems', () => {
  let stack: Stack
  let networkOfA: ForwardProxy
  let contextA: BrowserContext
  let contextB: BrowserContext
  let deviceA: Page
  let deviceB: Page

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    networkOfA = await startForwardProxy()
    contextA = await browser.newContext({
      proxy: { server: networkOfA.url, bypass: '<-loopback>' },
    })
    contextB = await browser.newContext()
    deviceA = await contextA.newPage()
    deviceB = await contextB.newPage()
    await registerPerson(deviceA, stack.url, person)
    await addAccount(deviceA, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(deviceA)
    await addTransaction(deviceA, { amount: '64.20', payee: 'Book shop' })
    await addTransaction(deviceA, { amount: '18.90', payee: 'Tea house' })
    await addTransaction(deviceA, { amount: '11.00', payee: 'Museum' })
    await waitUntilUpToDate(deviceA)
    await signIn(deviceB, stack.url, person)
    await unlock(deviceB, person.secretKey)
    await openTransactions(deviceB)
    await expect(transactionRow(deviceB, 'Museum')).toBeVisible()
  })

  test.afterAll(async () => {
    await contextA.close()
    await contextB.close()
    await networkOfA.close()
    await stack.dispose()
  })

  test('a row that was changed on both devices keeps both values until "Keep mine"', async () => {
    await changeOnBoth('Book shop', { mine: '70.35', theirs: '65.00' })
    await openProblems(deviceA)
    const problem = problemCard(deviceA, 'Transaction “Book shop”')
    await expect(problem).toContainText('changed on another device too')
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€70.35', '−€65.00'])

    await problem.getByRole('button', { name: 'Keep mine' }).click()
    await expectNoProblems(deviceA)
    await expect(transactionRow(deviceB, 'Book shop')).toContainText('70.35')
    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Book shop')).toContainText('70.35')
    // 1 A added it, 2 B changed it, 3 A on top of that: one chain, without a branch.
    await expect.poll(() => revisionsOf('Book shop')).toEqual([1, 2, 3])
    await expectNoProblems(deviceB)
  })

  test('"Keep theirs" leaves the other device\'s value on both', async () => {
    await changeOnBoth('Tea house', { mine: '20.05', theirs: '22.22' })
    await openProblems(deviceA)
    const problem = problemCard(deviceA, 'Transaction “Tea house”')
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€20.05', '−€22.22'])

    await problem.getByRole('button', { name: 'Keep theirs' }).click()
    await expectNoProblems(deviceA)
    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Tea house')).toContainText('22.22')
    await expect(transactionRow(deviceB, 'Tea house')).toContainText('22.22')
    expect(await revisionsOf('Tea house')).toEqual([1, 2])
  })

  test('a change that the server refuses can be tried again, and is taken once it may', async () => {
    await setRole('viewer')
    await editTransaction(deviceA, 'Museum', { amount: '13.50' })
    await openProblems(deviceA)
    const problem = problemCard(deviceA, 'Transaction “Museum”')
    await expect(problem).toContainText('not change it')
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€13.50', '−€11.00'])
    const first = await refusalOf('Museum')

    await problem.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => refusalOf('Museum')).not.toBe(first)
    await expect(problem.getByRole('button', { name: 'Try again' })).toBeEnabled()
    await expect(syncStatus(deviceA)).toHaveText('1 problem')

    await setRole('owner')
    await problem.getByRole('button', { name: 'Try again' }).click()
    await expectNoProblems(deviceA)
    await expect(transactionRow(deviceB, 'Museum')).toContainText('13.50')
    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Museum')).toContainText('13.50')
  })

  test('"Drop my change" takes back what the server refused: an edit and an addition', async () => {
    await setRole('viewer')
    await editTransaction(deviceA, 'Museum', { amount: '99.99' })
    await expect(syncStatus(deviceA)).toHaveText('1 problem')
    await addTransaction(deviceA, { amount: '5.05', payee: 'Never sent' })
    await expect(syncStatus(deviceA)).toHaveText('2 problems')
    await openProblems(deviceA)
    for (const title of ['Transaction “Never sent”', 'Transaction “Museum”']) {
      await problemCard(deviceA, title).getByRole('button', { name: 'Drop my change' }).click()
      await expect(problemCard(deviceA, title)).toHaveCount(0)
    }
    await expectNoProblems(deviceA)
    await setRole('owner')

    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Museum')).toContainText('13.50')
    await expect(transactionRow(deviceA, 'Never sent')).toHaveCount(0)
    await addTransaction(deviceA, { amount: '2.60', payee: 'Night tram' })
    await expect(transactionRow(deviceB, 'Night tram')).toContainText('2.60')
    await expect(transactionRow(deviceB, 'Museum')).toContainText('13.50')
    await expect(transactionRow(deviceB, 'Never sent')).toHaveCount(0)
  })

  /** A changes the row while it is cut off, B meanwhile; ends when A says that there is a problem. */
  async function changeOnBoth(
    payee: string,
    { mine, theirs }: { mine: string; theirs: string },
  ): Promise<void> {
    await openTransactions(deviceA)
    await openTransactions(deviceB)
    networkOfA.cut()
    await expect(syncStatus(deviceA)).toHaveText('Offline')
    await editTransaction(deviceA, payee, { amount: mine })
    await expect(transactionRow(deviceA, payee)).toContainText(mine)
    await editTransaction(deviceB, payee, { amount: theirs })
    await waitUntilUpToDate(deviceB)
    networkOfA.mend()
    await expect(syncStatus(deviceA)).toHaveText('1 problem')
  }

  /** All revisions that the server ever took of a row, in order. */
  async function revisionsOf(payee: string): Promise<number[]> {
    const [row] = await queryApp<{ id: string }>(
      deviceB,
      'SELECT id FROM transactions WHERE payee = ?',
      [payee],
    )
    const rows = await queryPostgres<{ revision: string }>(
      stack.databaseUrl,
      `SELECT revision FROM superseded_revisions WHERE row_id = '${row?.id}'
        UNION ALL SELECT revision FROM transactions_encrypt WHERE id = '${row?.id}' ORDER BY 1`,
    )
    return rows.map(({ revision }) => Number(revision))
  }

  /** Which refusal of a row's change A shows: another attempt has another. */
  async function refusalOf(payee: string): Promise<number | undefined> {
    const [problem] = await queryApp<{ id: number }>(
      deviceA,
      "SELECT id FROM upload_problems WHERE settled = 0 AND local ->> 'payee' = ?",
      [payee],
    )
    return problem?.id
  }

  async function setRole(role: 'owner' | 'viewer'): Promise<void> {
    await queryPostgres(stack.databaseUrl, `UPDATE workspace_memberships SET role = '${role}'`)
  }
})

/** Through the indicator that is always in sight. */
async function openProblems(page: Page): Promise<void> {
  await expect(syncStatus(page)).toHaveText(/problem/)
  await syncStatus(page).click()
  await page.getByRole('link', { name: /^Look at the problem/ }).click()
  await page.getByRole('heading', { name: 'Problems', level: 1 }).waitFor()
}

function problemCard(page: Page, title: string): Locator {
  return page.getByRole('region', { name: title })
}

/** The cells "Mine" and "Theirs" of one line. */
function versionsOf(problem: Locator, label: string): Locator {
  return problem.getByRole('row', { name: label }).getByRole('cell')
}

/** Nothing is left to decide, in the indicator and in every table that could hold it. */
async function expectNoProblems(page: Page): Promise<void> {
  await waitUntilUpToDate(page)
  const [left] = await queryApp(
    page,
    `SELECT (SELECT count(*) FROM upload_problems WHERE settled = 0) AS refused,
            (SELECT count(*) FROM router_conflicts) AS clashes,
            (SELECT count(*) FROM router_faults) AS faults`,
  )
  expect(left).toEqual({ refused: 0, clashes: 0, faults: 0 })
}
