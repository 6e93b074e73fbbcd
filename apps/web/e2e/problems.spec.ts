import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  editTransaction,
  fillTransaction,
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
import {
  accountRow,
  deleteTransaction,
  expectNoProblems,
  goTo,
  openProblems,
  problemCard,
  totalOf,
  versionsOf,
  writeFaultyRows,
  writeFaultySplit,
} from './problems-page.ts'

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
    await addTransaction(deviceA, { amount: '2.60', payee: 'Night tram' })
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

  test('different fields of one row merge by themselves', async () => {
    await changeOnBoth('Book shop', { note: 'A gift for Ada' }, { amount: '65.00' })
    await expectNoProblems(deviceA)
    for (const device of [deviceA, deviceB]) {
      await expect(transactionRow(device, 'Book shop')).toContainText('65.00')
      await expect(transactionRow(device, 'Book shop')).toContainText('A gift for Ada')
    }
    // 1 A added it, 2 B changed it, 3 A on top of that: one chain, without a branch.
    await expect.poll(() => revisionsOf('Book shop')).toEqual([1, 2, 3])
    await expectNoProblems(deviceB)
  })

  test('an open form follows another device, and tells what that changed under one’s hands', async () => {
    await openTransactions(deviceA)
    await transactionRow(deviceA, 'Book shop').click()
    const form = deviceA.getByRole('dialog', { name: 'Edit transaction' })
    const amount = form.getByRole('textbox', { name: 'Amount' })
    await amount.fill('71.00')
    await editTransaction(deviceB, 'Book shop', { amount: '72.00', note: 'For Ada' })
    await expect(form.getByRole('status')).toContainText('changed on another device to 72.00 EUR')
    await expect(form.getByRole('textbox', { name: 'Note' })).toHaveValue('For Ada')
    await form.getByRole('button', { name: 'Use it: Amount' }).click()
    await expect(amount).toHaveValue('72.00')
    await amount.fill('65.00')
    await form.getByRole('button', { name: 'Save transaction' }).click()
    await expect(form).toHaveCount(0)
    await expectNoProblems(deviceA)
    for (const device of [deviceA, deviceB]) {
      await expect(transactionRow(device, 'Book shop')).toContainText('65.00')
      await expect(transactionRow(device, 'Book shop')).toContainText('For Ada')
    }
  })

  test('one field changed on both devices keeps both values until "Keep mine"', async () => {
    await clashOn('Book shop', { amount: '70.35' }, { amount: '66.00' })
    const problem = problemCard(deviceA, 'Transaction “Book shop”')
    await expect(problem).toContainText('changed on another device too')
    await expect(problem.getByRole('columnheader', { name: /^Mine This device/ })).toBeVisible()
    await expect(
      problem.getByRole('columnheader', { name: /^Theirs You, on another device/ }),
    ).toBeVisible()
    await expect(problem.getByRole('row')).toHaveCount(2)
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€70.35', '−€66.00'])

    await problem.getByRole('button', { name: 'Keep mine' }).click()
    await expectNoProblems(deviceA)
    await expect(transactionRow(deviceB, 'Book shop')).toContainText('70.35')
    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Book shop')).toContainText('70.35')
    await expect.poll(() => revisionsOf('Book shop')).toEqual([1, 2, 3, 4, 5, 6, 7])
    await expectNoProblems(deviceB)
  })

  test('"Keep theirs" can be undone, and notes can be kept both', async () => {
    await clashOn(
      'Tea house',
      { amount: '20.05', note: 'With Grace' },
      { amount: '22.22', note: 'Window seat' },
    )
    const problem = problemCard(deviceA, 'Transaction “Tea house”')
    await expect(versionsOf(problem, 'Amount')).toHaveText([/−€20.05/, /−€22.22/])
    await expect(problem.getByRole('button', { name: 'Keep all theirs' })).toBeVisible()
    await problem.getByRole('button', { name: 'Keep both: Note' }).click()
    await expect(problem.getByRole('row', { name: 'Note' })).toHaveCount(0)
    await expect(transactionRow(deviceB, 'Tea house')).toContainText('With Grace')

    await problem.getByRole('button', { name: 'Keep theirs', exact: true }).click()
    await expectNoProblems(deviceA)
    await deviceA.getByRole('button', { name: 'Undo: Transaction “Tea house”, Amount' }).click()
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€20.05', '−€22.22'])
    await problem.getByRole('button', { name: 'Keep mine' }).click()
    await expectNoProblems(deviceA)
    await deviceA.getByRole('button', { name: 'Undo: Transaction “Tea house”, Amount' }).click()
    await expect(problem).toBeVisible()
    await expect(transactionRow(deviceB, 'Tea house')).toContainText('22.22')
    await problem.getByRole('button', { name: 'Keep theirs' }).click()
    await expectNoProblems(deviceA)

    await openTransactions(deviceA)
    for (const device of [deviceA, deviceB]) {
      await expect(transactionRow(device, 'Tea house')).toContainText('22.22')
      await expect(transactionRow(device, 'Tea house')).toContainText('Window seat')
      await expect(transactionRow(device, 'Tea house')).toContainText('With Grace')
    }
  })

  test('a delete against an edit is decided by the person, and can be undone', async () => {
    await openTransactions(deviceB)
    await offlineOnA(() => deleteTransaction(deviceA, 'Night tram'))
    await editTransaction(deviceB, 'Night tram', { amount: '3.90' })
    await waitUntilUpToDate(deviceB)
    await rejoin()
    await openProblems(deviceA)
    const problem = problemCard(deviceA, 'Transaction “Night tram”')
    await expect(problem).toContainText('You deleted it here')
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€3.90', '−€2.60'])

    await problem.getByRole('button', { name: 'Delete it' }).click()
    await expectNoProblems(deviceA)
    await expect(transactionRow(deviceB, 'Night tram')).toHaveCount(0)
    await deviceA.getByRole('button', { name: 'Undo: Transaction “Night tram”' }).click()
    await expect(transactionRow(deviceB, 'Night tram')).toContainText('3.90')
    await problem.getByRole('button', { name: 'Keep it' }).click()
    await expectNoProblems(deviceA)
    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Night tram')).toContainText('3.90')
  })

  test('a change that the server refuses can be tried again and edited, and is taken once it may', async () => {
    await setRole('viewer')
    await editTransaction(deviceA, 'Museum', { amount: '13.50' })
    await openProblems(deviceA)
    const problem = problemCard(deviceA, 'Transaction “Museum”')
    await expect(problem).toContainText('not change it')
    await expect(problem).toContainText('Ask an owner')
    await expect(versionsOf(problem, 'Amount')).toHaveText(['−€13.50', '−€11.00'])
    const first = await refusalOf('Museum')

    await problem.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => refusalOf('Museum')).not.toBe(first)
    await expect(problem.getByRole('button', { name: 'Try again' })).toBeEnabled()
    await expect(syncStatus(deviceA)).toHaveText('1 problem')

    await setRole('owner')
    await problem.getByRole('button', { name: 'Edit my change' }).click()
    const draft = deviceA.getByRole('dialog', { name: 'Edit my change' })
    await expect(draft.getByRole('textbox', { name: 'Amount' })).toHaveValue('13.50')
    await draft.getByRole('textbox', { name: 'Note' }).fill('With a guide')
    await draft.getByRole('button', { name: 'Save and try again' }).click()
    await expectNoProblems(deviceA)
    await expect(transactionRow(deviceB, 'Museum')).toContainText('13.50')
    await expect(transactionRow(deviceB, 'Museum')).toContainText('With a guide')
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
    const addition = problemCard(deviceA, 'Transaction “Never sent”')
    await expect(addition).toContainText('−€5.05')
    await expect(addition).toContainText('Everyday account')
    for (const title of ['Transaction “Never sent”', 'Transaction “Museum”']) {
      await problemCard(deviceA, title).getByRole('button', { name: 'Drop my change' }).click()
      await expect(problemCard(deviceA, title)).toHaveCount(0)
    }
    await expectNoProblems(deviceA)
    await deviceA.getByRole('button', { name: 'Undo: Transaction “Museum”' }).click()
    await expect(versionsOf(problemCard(deviceA, 'Transaction “Museum”'), 'Amount')).toHaveText([
      '−€99.99',
      '−€13.50',
    ])
    await problemCard(deviceA, 'Transaction “Museum”')
      .getByRole('button', { name: 'Drop my change' })
      .click()
    await expectNoProblems(deviceA)
    await setRole('owner')

    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Museum')).toContainText('13.50')
    await expect(transactionRow(deviceA, 'Never sent')).toHaveCount(0)
    await addTransaction(deviceA, { amount: '2.60', payee: 'Ferry' })
    await expect(transactionRow(deviceB, 'Ferry')).toContainText('2.60')
    await expect(transactionRow(deviceB, 'Museum')).toContainText('13.50')
    await expect(transactionRow(deviceB, 'Never sent')).toHaveCount(0)
  })

  test('values that a faulty device sealed leave every screen working, and can be mended', async () => {
    const failures: string[] = []
    deviceA.on('pageerror', (error) => failures.push(error.message))
    await goTo(deviceA, 'Accounts')
    const total = await totalOf(deviceA).innerText()

    await writeFaultyRows(deviceB)
    await expect(syncStatus(deviceA)).toHaveText('5 problems')
    await expect(accountRow(deviceA, 'Broken purse')).toContainText('…')
    await expect(totalOf(deviceA)).toHaveText(total)
    await goTo(deviceA, 'Overview')
    await expect(totalOf(deviceA)).toHaveText(total)
    const recent = deviceA.getByRole('list', { name: 'Recent transactions' })
    await expect(recent.getByText('Far too much', { exact: true })).toBeVisible()
    await goTo(deviceA, 'Categories')
    await expect(deviceA.getByRole('button', { name: 'Edit Odd icon' })).toBeVisible()
    await openTransactions(deviceA)
    for (const payee of ['Far too much', 'Far too much too', 'Far too little', 'No amount']) {
      await expect(transactionRow(deviceA, payee)).toContainText('…')
    }

    await deviceA.keyboard.press('Control+Alt+d')
    await expect(deviceA.getByText('5 hold a value that cannot be used')).toBeVisible()

    await openProblems(deviceA)
    const tooMuch = problemCard(deviceA, 'Transaction “Far too much”')
    await expect(tooMuch).toContainText('cannot use: amount')
    await tooMuch.getByRole('link', { name: 'Go and edit it' }).click()
    await fillTransaction(deviceA, { amount: '12.00' })
    await expect(transactionRow(deviceA, 'Far too much')).toContainText('12.00')
    await expect(deviceA).not.toHaveURL(/edit=/)
    await expect(syncStatus(deviceA)).toHaveText('4 problems')
    await openProblems(deviceA)
    for (const payee of ['Far too much too', 'Far too little', 'No amount']) {
      const card = problemCard(deviceA, `Transaction “${payee}”`)
      await card.getByRole('button', { name: 'Remove it' }).click()
      await expect(card).toHaveCount(0)
    }
    const purse = problemCard(deviceA, 'Account “Broken purse”')
    await expect(purse).toContainText('cannot use: opening balance')
    await purse.getByRole('link', { name: 'Go and edit it' }).click()
    const dialog = deviceA.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Opening balance' }).fill('5.00')
    await dialog.getByRole('button', { name: 'Save account' }).click()

    await expectNoProblems(deviceA)
    await expectNoProblems(deviceB)
    await expect(accountRow(deviceA, 'Broken purse')).toContainText('5.00')
    await openTransactions(deviceB)
    await expect(transactionRow(deviceB, 'Far too much')).toContainText('12.00')
    expect(failures).toEqual([])
  })

  test('parts that a faulty device wrote and that do not make up the whole are told of', async () => {
    await writeFaultySplit(deviceB)
    await openProblems(deviceA)
    const broken = problemCard(deviceA, 'Transaction “Weekly shop”')
    await expect(broken).toContainText('do not make up the whole')
    await expect(broken.getByRole('button', { name: 'Remove it' })).toHaveCount(0)
    await deviceA.keyboard.press('Control+Alt+d')
    await expect(deviceA.getByText('1 do not add up')).toBeVisible()
    await openProblems(deviceA)
    await broken.getByRole('link', { name: 'Go and edit it' }).click()
    await fillTransaction(deviceA, { amount: '9.00' })
    await expectNoProblems(deviceA)
    await expectNoProblems(deviceB)
  })

  /** A changes the row while it is cut off, B meanwhile; ends when A is connected again. */
  async function changeOnBoth(payee: string, mine: Change, theirs: Change): Promise<void> {
    await openTransactions(deviceB)
    await offlineOnA(() => editTransaction(deviceA, payee, mine))
    await editTransaction(deviceB, payee, theirs)
    await waitUntilUpToDate(deviceB)
    await rejoin()
  }

  /** The same, and A shows the problem that comes of it. */
  async function clashOn(payee: string, mine: Change, theirs: Change): Promise<void> {
    await changeOnBoth(payee, mine, theirs)
    await openProblems(deviceA)
  }

  async function offlineOnA(change: () => Promise<void>): Promise<void> {
    await openTransactions(deviceA)
    networkOfA.cut()
    await expect(syncStatus(deviceA)).toHaveText('Offline')
    await change()
  }

  /** Nothing is left to send or to receive, whether or not something is left to decide. */
  async function rejoin(): Promise<void> {
    networkOfA.mend()
    await expect(syncStatus(deviceA)).toHaveText(/^(Up to date|1 problem)$/)
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

type Change = Parameters<typeof editTransaction>[2]
