import { leaveOut, testPerson } from '@sealbook/testing/browser'
import {
  addAccount,
  addTransaction,
  openTransactions,
  registerPerson,
  syncStatus,
  transactionRow,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/engines'
import { expect, test } from './in-engine.ts'
import { hasServiceWorker } from './service-worker.ts'

const person = testPerson('offline')

test('with the server stopped a reload shows the ledger, and what is added then is sent later', async ({
  engine,
  stack,
  launch,
}) => {
  const device = await launch()
  const canReload = await hasServiceWorker(await device.newPage())
  const tab = await device.newPage()
  await registerPerson(tab, stack.url, person)
  await addAccount(tab, { name: 'Wallet', openingBalance: '40' })
  await openTransactions(tab)
  await addTransaction(tab, { amount: '8.15', payee: 'Before the outage' })
  await waitUntilUpToDate(tab)
  if (canReload)
    await tab.evaluate(async () => {
      await navigator.serviceWorker.ready
    })

  await stack.stop()
  try {
    if (canReload) {
      await tab.reload()
      await unlock(tab, person.secretKey)
      await openTransactions(tab)
    } else leaveOut(`offline reload in ${engine} (its automation has no service worker)`)
    await tab.waitFor(transactionRow('Before the outage'))
    await addTransaction(tab, { amount: '5.05', payee: 'During the outage' })
    await tab.waitFor(transactionRow('During the outage'))
    expect(await tab.waitFor(syncStatus)).toMatch(/offline|waiting/i)
  } finally {
    await stack.start()
  }
  await waitUntilUpToDate(tab, { timeout: 90_000 })
})
