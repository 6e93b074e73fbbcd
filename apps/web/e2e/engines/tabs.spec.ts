import { testPerson } from '@sealbook/testing/browser'
import {
  addAccount,
  addTransaction,
  openTransactions,
  registerPerson,
  waitUntilUpToDate,
  type EnginePage,
} from '@sealbook/testing/engines'
import { expect, test } from './in-engine.ts'

const person = { ...testPerson('tabs'), stayUnlocked: true }
/** A holder that is gone is asked several times first. */
const takeOverMs = 90_000

test('what is written after leaving and coming back, and beside a lock that is held for ever, is sent', async ({
  stack,
  launch,
}) => {
  const elsewhere = `${stack.url}/icons/icon-192.png`
  const device = await launch()
  const tab = await device.newPage()
  await registerPerson(tab, stack.url, person)
  await addAccount(tab, { name: 'Wallet', openingBalance: '40' })
  await write(tab, 'At first')
  await tab.goto(elsewhere)
  await tab.back()
  await tab.waitUntil(() => location.pathname === '/transactions')
  await tab.forward()
  await tab.waitUntil(() => location.pathname === '/icons/icon-192.png')
  await tab.back()
  await write(tab, 'After Back, Forward and Back')

  const name = await tab.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    return held.map((lock) => lock.name ?? '').find((lock) => lock.startsWith('sealbook-router-'))
  })
  const holder = await device.newPage()
  await holder.goto(elsewhere)
  await holder.evaluate((lock) => {
    const never = new Promise(() => undefined)
    void navigator.locks.request(lock ?? '', { steal: true }, () => never).catch(() => undefined)
  }, name)
  await tab.reload()
  await write(tab, 'Beside a holder that never answers')
  expect(name).toBeDefined()
})

/** Until the app says that the server has it. */
async function write(tab: EnginePage, payee: string): Promise<void> {
  await openTransactions(tab)
  await addTransaction(tab, { amount: '1.00', payee })
  await waitUntilUpToDate(tab, { timeout: takeOverMs })
}
