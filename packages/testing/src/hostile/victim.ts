import type { Browser, BrowserContext, Page } from 'playwright-core'
import { entities, localColumns } from '@sealbook/schema'
import { queryApp } from '../browser/app-database.ts'
import { openTransactions, syncStatus, transactionRow } from '../browser/ledger.ts'
import { signIn, unlock } from '../browser/person.ts'
import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { HonestLedger } from './honest-ledger.ts'
import { startLyingProxy, type LyingProxy } from './lying-proxy.ts'

/** A device with a past, in a real browser, all of whose network is the liar's. */
export interface Victim {
  readonly page: Page
  readonly context: BrowserContext
  readonly liar: LyingProxy
  /** Connects anew at once, as when the browser tells that the network is back, and with a new token. */
  reconnect(): Promise<void>
  close(): Promise<void>
}

export interface VictimOptions {
  /** Keeps the keys on the device, so that a reload opens the ledger at once. */
  readonly stayUnlocked?: boolean
}

/** Signs in and unlocks through the screens, and waits until everything is shown. */
export async function openVictim(
  browser: Browser,
  origin: string,
  ledger: HonestLedger,
  options: VictimOptions = {},
): Promise<Victim> {
  const victim = await openDevice(browser)
  const { page } = victim
  await signIn(page, origin, ledger.person)
  if (options.stayUnlocked === true) await page.getByText('Stay unlocked on this device').click()
  await unlock(page, ledger.person.secretKey)
  await expectLedger(page, ledger)
  return victim
}

/** Every transaction is shown, and nothing waits. */
export async function expectLedger(page: Page, ledger: HonestLedger): Promise<void> {
  await openTransactions(page)
  for (const { payee } of ledger.payments) await transactionRow(page, payee).waitFor()
  await syncStatus(page).getByText('Up to date').waitFor()
}

/** A device without a past. */
export async function openDevice(browser: Browser): Promise<Victim> {
  const liar = await startLyingProxy()
  const context = await browser.newContext({
    proxy: { server: liar.url, bypass: '<-loopback>' },
    locale: 'en-GB',
    timezoneId: 'UTC',
    // The list renders what is in sight.
    viewport: { width: 1280, height: 3_000 },
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  return {
    page,
    context,
    liar,
    async reconnect() {
      const { tokensAsked } = liar
      liar.dropStreams()
      // The app listens to it once it has noticed that the stream is gone, and not before.
      await eventually(async () => {
        await page.evaluate(() => window.dispatchEvent(new Event('online')))
        expect(liar.tokensAsked).toBeGreaterThan(tokensAsked)
      })
    },
    async close() {
      await context.close()
      await liar.close()
    },
  }
}

/** Every plaintext row of the device, by `table/id`: what its screens are made from. */
export async function readLedgerRows(page: Page): Promise<Map<string, Record<string, string>>> {
  const found = new Map<string, Record<string, string>>()
  for (const entity of entities) {
    const cells = Object.keys(localColumns(entity)).map(
      (name) => `'${name}', CAST("${name}" AS TEXT)`,
    )
    const rows = await queryApp<{ id: string; json: string }>(
      page,
      `SELECT id, json_object(${cells.join(', ')}) AS json FROM "${entity.table}"`,
    )
    for (const { id, json } of rows) {
      found.set(`${entity.table}/${id}`, JSON.parse(json) as Record<string, string>)
    }
  }
  return found
}
