import { expect, test } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  openTransactions,
  registerPerson,
  signIn,
  startStack,
  syncStatus,
  testPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'

const person = testPerson('offline')

test('with the server stopped a reload shows the list, and what is added then reaches B later', async ({
  browser,
}) => {
  const stack = await startStack()
  const contextA = await browser.newContext()
  const contextB = await browser.newContext()
  try {
    const deviceA = await contextA.newPage()
    await registerPerson(deviceA, stack.url, person)
    await addAccount(deviceA, { name: 'Wallet', openingBalance: '40' })
    await openTransactions(deviceA)
    await addTransaction(deviceA, { amount: '8.15', payee: 'Before the outage' })
    await waitUntilUpToDate(deviceA)
    const deviceB = await contextB.newPage()
    await signIn(deviceB, stack.url, person)
    await unlock(deviceB, person.secretKey)
    await openTransactions(deviceB)
    await expect(transactionRow(deviceB, 'Before the outage')).toBeVisible()
    await deviceA.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

    await stack.stop()
    await deviceA.reload()
    await unlock(deviceA, person.secretKey)
    await openTransactions(deviceA)
    await expect(transactionRow(deviceA, 'Before the outage')).toBeVisible()
    await addTransaction(deviceA, { amount: '5.05', payee: 'During the outage' })
    await expect(transactionRow(deviceA, 'During the outage')).toBeVisible()
    await expect(syncStatus(deviceA)).toHaveText(/offline|waiting/i)

    await stack.start()
    await expect(transactionRow(deviceB, 'During the outage')).toContainText('5.05', {
      timeout: 90_000,
    })
    await waitUntilUpToDate(deviceA)
  } finally {
    await contextA.close()
    await contextB.close()
    await stack.dispose()
  }
})
