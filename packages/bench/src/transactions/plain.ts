import { launchDevice } from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { servePlainApp } from '../page/plain-site.ts'

/** A plain PowerSync app in a Chromium of its own, which shows its newest 50 rows. */
export interface PlainDevice {
  readonly page: Page
  close(): Promise<void>
}

declare global {
  /** In the page of a plain device. */
  var plainDatabase: Awaited<ReturnType<typeof plainApp.open>>
}

const seedChunk = 5_000

/** With as many rows as the app has, put where synced rows lie. */
export async function openPlainDevice(rowCount: number): Promise<PlainDevice> {
  const site = await servePlainApp()
  const device = await launchDevice()
  const close = async () => {
    await device.close()
    site.close()
  }
  try {
    await device.page.goto(site.url)
    await fill(device.page, rowCount)
    return { page: device.page, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function fill(page: Page, rowCount: number): Promise<void> {
  await page.evaluate(
    async ([count, chunk]) => {
      const db = await plainApp.open()
      const now = Date.now()
      for (let start = 0; start < count; start += chunk) {
        const rows = Array.from({ length: Math.min(chunk, count - start) }, (_, offset) => {
          const row = start + offset
          const at = now - Math.floor((row * 5 * 365) / count) * 86_400_000
          const cells = {
            workspace_id: 'plain',
            account_id: 'account',
            category_id: `category ${row % 12}`,
            kind: 'expense',
            occurred_on: new Date(at).toISOString().slice(0, 10),
            status: 'cleared',
            amount: -((row * 7_919) % 25_000) - 1,
            payee: `Payee ${row % 500}`,
            note: `note ${row % 625}`,
            created_at: at,
            updated_at: at,
          }
          return [crypto.randomUUID(), cells]
        })
        await db.execute(
          'INSERT INTO ps_data__transactions (id, data) SELECT value ->> 0, value -> 1 FROM json_each(?)',
          [JSON.stringify(rows)],
        )
      }
      plainApp.showNewest(db)
      globalThis.plainDatabase = db
    },
    [rowCount, seedChunk] as const,
  )
  await page.getByText('Payee 1 ').first().waitFor()
}
