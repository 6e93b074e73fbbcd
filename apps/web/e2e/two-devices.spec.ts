import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  editTransaction,
  openTransactions,
  queryApp,
  registerPerson,
  signIn,
  startForwardProxy,
  startStack,
  syncStatus,
  testPerson,
  transactionRow,
  unlock,
  unlockRefused,
  waitUntilUpToDate,
  type ForwardProxy,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('two-devices')

test.describe.configure({ mode: 'serial' })

test.describe('two devices, one ledger', () => {
  let stack: Stack
  let networkOfB: ForwardProxy
  let contextA: BrowserContext
  let contextB: BrowserContext
  let deviceA: Page
  let deviceB: Page

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    contextA = await browser.newContext()
    networkOfB = await startForwardProxy()
    contextB = await browser.newContext({
      proxy: { server: networkOfB.url, bypass: '<-loopback>' },
    })
    deviceA = await contextA.newPage()
    deviceB = await contextB.newPage()
  })

  test.afterAll(async () => {
    await contextA.close()
    await contextB.close()
    await networkOfB.close()
    await stack.dispose()
  })

  test('A signs up, sets the secret key and writes a ledger', async () => {
    await registerPerson(deviceA, stack.url, person)
    await addAccount(deviceA, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(deviceA)
    await addTransaction(deviceA, { amount: '12.50', payee: 'Corner bakery', note: 'Sunday rolls' })
    await addTransaction(deviceA, { amount: '64.20', payee: 'Book shop' })
    await addTransaction(deviceA, {
      amount: '90000000000.55',
      payee: 'Grand prize',
      kind: 'Income',
    })
    await expect(transactionRow(deviceA, 'Grand prize')).toContainText('90,000,000,000.55')
    await waitUntilUpToDate(deviceA)
  })

  test('a wrong secret key opens nothing and makes no key', async () => {
    await signIn(deviceB, stack.url, person)
    await unlockRefused(deviceB, 'abandon ability able about above absent')
    await expect(deviceB.getByText('Corner bakery')).toHaveCount(0)
    const keys = await deviceB.evaluate(async () => {
      const response = await fetch('/api/keys')
      return (await response.json()) as { slots: unknown[]; workspaces: unknown[] }
    })
    expect(keys.slots).toHaveLength(2)
    expect(keys.workspaces).toHaveLength(1)
  })

  test('B enters the secret key and sees the history', async () => {
    await unlock(deviceB, person.secretKey)
    await openTransactions(deviceB)
    for (const payee of ['Corner bakery', 'Book shop', 'Grand prize'])
      await expect(transactionRow(deviceB, payee)).toBeVisible()
  })

  test('an amount of 90,000,000,000.55 survives the round trip exactly', async () => {
    await expect(transactionRow(deviceB, 'Grand prize')).toContainText('90,000,000,000.55')
    const [row] = await queryApp<{ amount: string }>(
      deviceB,
      "SELECT CAST(amount AS TEXT) AS amount FROM transactions WHERE payee = 'Grand prize'",
    )
    expect(row?.amount).toBe('9000000000055')
  })

  test('A edits while B is offline; B comes back and sees the edit', async () => {
    networkOfB.cut()
    await expect(syncStatus(deviceB)).toHaveText('Offline')
    await editTransaction(deviceA, 'Book shop', {
      amount: '70.35',
      payee: 'Book shop, second-hand',
    })
    await waitUntilUpToDate(deviceA)
    await expect(transactionRow(deviceB, 'Book shop')).toContainText('64.20')
    networkOfB.mend()
    await expect(transactionRow(deviceB, 'Book shop, second-hand')).toContainText('70.35')
  })

  test('B adds a transaction and A sees it without a reload', async () => {
    const navigations: string[] = []
    deviceA.on('framenavigated', (frame) => navigations.push(frame.url()))
    await addTransaction(deviceB, { amount: '3.90', payee: 'Night tram' })
    await expect(transactionRow(deviceA, 'Night tram')).toContainText('3.90')
    expect(navigations).toEqual([])
  })
})
