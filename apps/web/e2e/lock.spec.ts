import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  launchKillableBrowser,
  leaveOut,
  openHeapSearch,
  openTransactions,
  registerPerson,
  searchMemory,
  startStack,
  testPerson,
  transactionRow,
  unlock,
  waitUntilUpToDate,
  whyNoMemorySearch,
  type KillableBrowser,
  type SearchedTarget,
  type Stack,
} from '@sealbook/testing/browser'
import { keysOf } from './known-keys.ts'

const person = testPerson('lock')
const noMemorySearch = whyNoMemorySearch()
if (noMemorySearch !== null)
  leaveOut(`the search for keys in the browser's processes after a lock: ${noMemorySearch}`)

test('after Lock no target of the browser can reach a key', async () => {
  await inBrowser(async (device, stack) => {
    const page = await device.context.newPage()
    await registerPerson(page, stack.url, { ...person, stayUnlocked: true })
    await addAccount(page, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(page)
    await addTransaction(page, { amount: '12.50', payee: 'Corner bakery' })
    await waitUntilUpToDate(page)
    const other = await device.context.newPage()
    await other.goto(stack.url)
    await openTransactions(other)
    await expect(transactionRow(other, 'Corner bakery')).toBeVisible()
    await waitUntilUpToDate(other)
    const keys = await keysOf(page, person.secretKey)
    const names = keys.map(({ name }) => name)
    const heaps = await openHeapSearch(device.devtools)
    const inMemory = async () =>
      noMemorySearch === null ? foundIn(await searchMemory(device.pid, keys)) : []

    // What the search must find while the ledger is open, else finding nothing says nothing.
    const open = await heaps.search(keys)
    expect(typesOf(open)).not.toContain('shared_worker')
    for (const type of ['page', 'worker'])
      expect(foundIn(open.filter((target) => target.type === type))).toContain('database key, hex')
    if (noMemorySearch === null)
      expect(await inMemory()).toEqual(
        expect.arrayContaining(['database key, hex', ...names.map((name) => `${name}, bytes`)]),
      )

    await lockIn(page)
    for (const tab of [page, other])
      await expect(tab.getByRole('heading', { name: 'Unlock your ledger' })).toBeVisible()
    // A Worker or process that ends has a moment for it; PowerSync's SharedWorker took over a minute.
    await expect.poll(() => heaps.types()).not.toContain('worker')
    expect(await heaps.types()).not.toContain('shared_worker')
    expect(foundIn(await heaps.search(keys))).toEqual([])
    await heaps.close()
    // Whether and when a process ends is the browser's choice (ADR 48): told, not demanded.
    console.log(`left in the memory of processes: ${(await inMemory()).join('; ') || 'nothing'}`)
    expect(new URL(other.url()).pathname).toBe('/transactions')

    await unlock(other, person.secretKey)
    await expect(transactionRow(other, 'Corner bakery')).toBeVisible()
    await waitUntilUpToDate(other)
  })
})

test('without the server, Lock comes back to the question for the key too', async () => {
  await inBrowser(async (device, stack) => {
    const page = await device.context.newPage()
    await registerPerson(page, stack.url, { ...person, stayUnlocked: true })
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await stack.stop()
    await page.evaluate(() => Object.assign(window, { isDocumentBefore: true }))
    await lockIn(page)
    await expect(page.getByRole('heading', { name: 'Unlock your ledger' })).toBeVisible()
    expect(await page.evaluate(() => 'isDocumentBefore' in window)).toBe(false)
    await unlock(page, person.secretKey)
  })
})

async function lockIn(page: Page): Promise<void> {
  await page.bringToFront()
  await page.getByRole('link', { name: 'Settings', exact: true }).first().click()
  await page.getByRole('button', { name: 'Lock now' }).click()
}

async function inBrowser(
  use: (device: KillableBrowser, stack: Stack) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'sealbook-lock-'))
  const stack = await startStack()
  const device = await launchKillableBrowser(profile)
  try {
    await use(device, stack)
  } finally {
    await device.kill()
    await stack.dispose()
    await rm(profile, { recursive: true, force: true })
  }
}

function typesOf(targets: readonly SearchedTarget[]): string[] {
  return [...new Set(targets.map(({ type }) => type))].sort()
}

function foundIn(searched: readonly { readonly found: readonly string[] }[]): string[] {
  return [...new Set(searched.flatMap(({ found }) => found))].sort()
}
