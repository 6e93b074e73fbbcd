import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  editTransaction,
  openTransactions,
  registerPerson,
  signIn,
  startSelfHosted,
  testPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'
import { deleteTransaction, expectNoProblems, openProblems, problemCard } from './problems-page.ts'

const person = testPerson('restore')

test('after an older copy of the folder is put back, what the server lost is offered again', async ({
  browser,
}) => {
  test.setTimeout(300_000)
  const server = await startSelfHosted()
  const copy = `${server.dataDir}-copy`
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    await registerPerson(page, server.url, person)
    await addAccount(page, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(page)
    for (const payee of ['Corner bakery', 'Night tram'])
      await addTransaction(page, { amount: '12.50', payee })
    await waitUntilUpToDate(page)
    await server.stop()
    await copyFolder(server.dataDir, copy)
    await server.start()

    await addTransaction(page, { amount: '7.70', payee: 'Flower stall' })
    await editTransaction(page, 'Corner bakery', { amount: '21.21' })
    await deleteTransaction(page, 'Night tram')
    await waitUntilUpToDate(page, 60_000)
    await server.stop()
    await rm(server.dataDir, { recursive: true })
    await copyFolder(copy, server.dataDir)
    await server.start()

    const added = problemCard(page, 'Transaction “Flower stall”')
    const edited = problemCard(page, 'Transaction “Corner bakery”')
    const deleted = problemCard(page, 'Transaction “Night tram”')
    await openProblems(page)
    for (const [card, kind] of [
      [added, 'lost'],
      [edited, 'lost'],
      [deleted, 'returned'],
    ] as const)
      await expect(card.and(page.locator(`[data-problem=${kind}]`))).toBeVisible({
        timeout: 60_000,
      })
    await openTransactions(page)
    await expect(transactionRow(page, 'Flower stall')).toContainText('7.70')
    await expect(transactionRow(page, 'Corner bakery')).toContainText('21.21')

    await openProblems(page)
    await added.getByRole('button', { name: 'Send again' }).click()
    await edited.getByRole('button', { name: 'Send again' }).click()
    await deleted.getByRole('button', { name: 'Delete it again' }).click()
    await expectNoProblems(page)

    const other = await (await browser.newContext()).newPage()
    await signIn(other, server.url, person)
    await unlock(other, person.secretKey)
    await openTransactions(other)
    await expect(transactionRow(other, 'Flower stall')).toContainText('7.70')
    await expect(transactionRow(other, 'Corner bakery')).toContainText('21.21')
    await waitUntilUpToDate(other)
    await expect(transactionRow(other, 'Night tram')).toHaveCount(0)
  } finally {
    await rm(copy, { recursive: true, force: true })
    await server.dispose()
  }
})

/** With its owners, as the README's backup does: Postgres refuses files of somebody else. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to])
}
