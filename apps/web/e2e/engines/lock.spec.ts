import { testPerson } from '@sealbook/testing/browser'
import {
  addAccount,
  addTransaction,
  lock,
  openTransactions,
  registerPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/engines'
import { expect, test } from './in-engine.ts'

const person = testPerson('lock')

test('Lock puts the ledger away until the secret key is entered', async ({ stack, tab }) => {
  await registerPerson(tab, stack.url, { ...person, stayUnlocked: true })
  await addAccount(tab, { name: 'Wallet', openingBalance: '40' })
  await openTransactions(tab)
  await addTransaction(tab, { amount: '8.15', payee: 'Corner bakery' })
  await waitUntilUpToDate(tab)

  await lock(tab)
  expect(await tab.text()).not.toContain('Corner bakery')
  await tab.reload()
  await tab.waitFor({ role: 'heading', name: 'Unlock your ledger' })

  await unlock(tab, person.secretKey)
  await openTransactions(tab)
  await tab.waitFor(transactionRow('Corner bakery'))
  await addTransaction(tab, { amount: '2.20', payee: 'Flower stall' })
  await waitUntilUpToDate(tab)
})
