import {
  addAccount,
  appDatabase,
  launchDevice,
  openTransactions,
  registerPerson,
  signIn,
  startStack,
  testPerson,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'
import type { Page } from 'playwright-core'
import { median, type BenchResult, type Workload } from '../measure.ts'

const rounds = 31
const maxMs = 150

/** One person's two devices, each a Chromium of its own, with the whole product between them. */
export const propagationWorkload: Workload = {
  names: ['propagation.chromium'],
  run: async () => {
    const stack = await startStack()
    const [deviceA, deviceB] = await Promise.all([launchDevice(), launchDevice()])
    try {
      const person = testPerson('propagation')
      await registerPerson(deviceA.page, stack.url, person)
      await addAccount(deviceA.page, { name: 'Everyday', openingBalance: '100' })
      await waitUntilUpToDate(deviceA.page)
      await signIn(deviceB.page, stack.url, person)
      await unlock(deviceB.page, person.secretKey)
      await waitUntilUpToDate(deviceB.page)
      await openTransactions(deviceA.page)
      await openTransactions(deviceB.page)
      return [await measure(deviceA.page, deviceB.page)]
    } finally {
      await deviceA.close()
      await deviceB.close()
      await stack.dispose()
    }
  },
}

/** From the write on A to the row on B's screen; the reference is A's own screen. */
async function measure(pageA: Page, pageB: Page): Promise<BenchResult> {
  const ours: number[] = []
  const reference: number[] = []
  for (let round = 0; round < rounds; round++) {
    const payee = `Travels ${round} ${crypto.randomUUID()}`
    const [shownOnB, shownOnA] = [shownAt(pageB, payee), shownAt(pageA, payee)]
    await Promise.all([watching(pageA, payee), watching(pageB, payee)])
    const savedAt = await save(pageA, payee)
    reference.push((await shownOnA) - savedAt)
    ours.push((await shownOnB) - savedAt)
    await Promise.all([waitUntilUpToDate(pageA), waitUntilUpToDate(pageB)])
  }
  const [there, here] = [median(ours), median(reference)]
  return {
    name: 'propagation.chromium',
    unit: 'ms',
    ours: there,
    reference: here,
    ratio: there / here,
    goal: `ours <= ${maxMs} ms`,
    holds: there <= maxMs,
  }
}

/** Milliseconds since 1970, by the clock that both browsers share. */
async function save(page: Page, payee: string): Promise<number> {
  const database = await appDatabase(page)
  const savedAt = await database.evaluate(async (db, text) => {
    const [account] = await db.getAll<{ id: string; workspace_id: string }>(
      'SELECT id, workspace_id FROM accounts',
    )
    const now = performance.timeOrigin + performance.now()
    await db.execute(
      `INSERT INTO transactions (id, workspace_id, account_id, kind, occurred_on, status, amount,
         payee, note, created_at, updated_at)
       VALUES (uuid(), ?, ?, 'expense', date('now'), 'cleared', -1250, ?, '', ?, ?)`,
      [account?.workspace_id, account?.id, text, String(Date.now()), String(Date.now())],
    )
    return now
  }, payee)
  await database.dispose()
  return savedAt
}

/** When the text is in the page. */
function shownAt(page: Page, text: string): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.body.textContent?.includes(wanted) !== true) return
          observer.disconnect()
          resolve(performance.timeOrigin + performance.now())
        }
        const observer = new MutationObserver(look)
        observer.observe(document.body, { subtree: true, childList: true, characterData: true })
        document.body.dataset['watchedFor'] = wanted
      }),
    text,
  )
}

async function watching(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => document.body.dataset['watchedFor'] === wanted, text)
}
