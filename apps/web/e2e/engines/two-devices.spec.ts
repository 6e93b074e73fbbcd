import { testPerson } from '@sealbook/testing/browser'
import {
  addAccount,
  addTransaction,
  openTransactions,
  registerPerson,
  signIn,
  transactionRow,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/engines'
import { expect, test } from './in-engine.ts'

const person = testPerson('two-devices')

test('what one device writes the other shows, in both directions', async ({ stack, launch }) => {
  const deviceA = await (await launch()).newPage()
  await registerPerson(deviceA, stack.url, person)
  await addAccount(deviceA, { name: 'Everyday account', openingBalance: '250.00' })
  await openTransactions(deviceA)
  await addTransaction(deviceA, {
    amount: '90000000000.55',
    payee: 'Grand prize',
    kind: 'Income',
  })
  await waitUntilUpToDate(deviceA)

  // A machine without a language of its own, as one in a container may be.
  const deviceB = await (await launch({ locale: 'C' })).newPage()
  await signIn(deviceB, stack.url, person)
  await unlock(deviceB, person.secretKey)
  await openTransactions(deviceB)
  expect(await deviceB.waitFor(transactionRow('Grand prize'))).toContain('90,000,000,000.55')
  await addTransaction(deviceB, { amount: '3.90', payee: 'Night tram' })
  await waitUntilUpToDate(deviceB)
  expect(await deviceA.waitFor(transactionRow('Night tram'))).toContain('3.90')
})
