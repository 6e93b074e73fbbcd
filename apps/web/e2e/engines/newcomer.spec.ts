import { testPerson } from '@sealbook/testing/browser'
import {
  addAccount,
  addTransaction,
  openTransactions,
  registerPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/engines'
import { expect, test } from './in-engine.ts'

const person = testPerson('newcomer')

test('a newcomer gets from nothing to a ledger that is whole after a reload', async ({
  stack,
  tab,
}) => {
  await registerPerson(tab, stack.url, person)
  await addAccount(tab, { name: 'Everyday account', openingBalance: '250.00' })
  await openTransactions(tab)
  await addTransaction(tab, { amount: '12.50', payee: 'Corner bakery', note: 'Sunday rolls' })
  await waitUntilUpToDate(tab)

  for (const reload of ['first', 'second']) {
    await tab.reload()
    await unlock(tab, person.secretKey)
    await openTransactions(tab)
    expect(await tab.waitFor(transactionRow('Corner bakery'))).toContain('12.50')
    // What is written after a reload has to be sealed too.
    await addTransaction(tab, { amount: '3.90', payee: `After the ${reload} reload` })
    await waitUntilUpToDate(tab)
  }

  await tab.press('Control+Alt+d')
  await tab.click({ role: 'button', name: 'Compare everything' })
  await tab.waitForText('Nothing differs')
})
