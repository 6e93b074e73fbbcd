import { expect, test, type Page } from '@playwright/test'
import {
  addAccount,
  appDatabase,
  executeApp,
  launchDevice,
  openTransactions,
  queryApp,
  queryPostgres,
  registerPerson,
  signIn,
  startStack,
  testPerson,
  unlock,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'

const historyRows = 5_000
const person = testPerson('first-sync')

/** What the screen showed at one moment of the first sync. */
interface Moment {
  readonly done: number
  readonly total: number
  /** The newest transaction was in the list already. */
  readonly hasNewest: boolean
  readonly saysTimeLeft: boolean
}

test('a second device shows how much of a long history has arrived, and the newest rows first', async () => {
  const stack = await startStack()
  const [deviceA, deviceB] = await Promise.all([launchDevice(), launchDevice()])
  try {
    await registerPerson(deviceA.page, stack.url, person)
    await addAccount(deviceA.page, { name: 'Everyday account', openingBalance: '100' })
    await writeHistory(deviceA.page)
    await waitUntilUpToDate(deviceA.page, 120_000)

    const { page } = deviceB
    await signIn(page, stack.url, person)
    await watchMoments(page)
    await unlock(page, person.secretKey)
    await openTransactions(page)
    await waitUntilUpToDate(page, 120_000)
    await expect(page.getByRole('complementary', { name: 'First sync' })).toHaveCount(0)

    const moments = await page.evaluate(
      () => (globalThis as unknown as { moments: Moment[] }).moments,
    )
    console.log(
      `first sync: ${moments.map(({ done, hasNewest }) => `${done}${hasNewest ? '*' : ''}`).join(', ')}`,
    )
    const [server] = await queryPostgres<{ rows: string }>(
      stack.databaseUrl,
      `SELECT (SELECT count(*) FROM workspace_memberships) + (SELECT count(*) FROM workspace_settings_encrypt)
         + (SELECT count(*) FROM accounts_encrypt) + (SELECT count(*) FROM categories_encrypt)
         + (SELECT count(*) FROM transactions_encrypt) AS rows`,
    )
    expect(new Set(moments.map(({ total }) => total))).toEqual(new Set([Number(server?.rows)]))
    const counts = moments.map(({ done }) => done)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    // Receiving is the first half of the way, opening the second: both were seen moving.
    const seen = [...new Set(counts)]
    expect(seen.filter((done) => done > historyRows / 2).length).toBeGreaterThan(1)
    expect(seen.filter((done) => done < historyRows / 2).length).toBeGreaterThan(1)
    expect(moments.filter(({ saysTimeLeft }) => saysTimeLeft)).not.toEqual([])
    const firstWithNewest = moments.find(({ hasNewest }) => hasNewest)
    expect(firstWithNewest?.done).toBeLessThan(historyRows * 0.75)
    // The month that came first is here twice until the device no longer names it.
    await expect
      .poll(() => queryApp(page, `SELECT name FROM ps_buckets WHERE name LIKE '%month%'`), {
        timeout: 30_000,
      })
      .toEqual([])
    await waitUntilUpToDate(page)
    expect(await queryApp(page, 'SELECT count(*) AS rows FROM transactions')).toEqual([
      { rows: historyRows },
    ])
    // By these the router tells whether somebody waits for the database (ADR 38).
    const locks = await locksWhileOneWaits(page)
    const itsLock: unknown = expect.stringMatching(/^db-lock-sealbook-.*\.db$/)
    expect(locks.held).toContainEqual(itsLock)
    expect(locks.pending).toContainEqual(itsLock)
  } finally {
    await deviceA.close()
    await deviceB.close()
    await stack.dispose()
  }
})

/** Ten transactions a day back from today; "Payee 0" is the newest. */
async function writeHistory(page: Page): Promise<void> {
  await executeApp(
    page,
    `INSERT INTO transactions (id, workspace_id, account_id, kind, occurred_on, status, amount, payee,
       note, created_at, updated_at)
     WITH RECURSIVE nth(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM nth WHERE n < ${historyRows - 1})
     SELECT uuid(), account.workspace_id, account.id, 'expense', date('now', -(n / 10) || ' days'),
       'cleared', -100 - n, 'Payee ' || n, '', 1700000000000 - n, 1700000000000 - n
     FROM nth, accounts AS account`,
  )
}

/** The browser's locks while one transaction has the database and a query waits for it. */
async function locksWhileOneWaits(
  page: Page,
): Promise<{ readonly held: readonly string[]; readonly pending: readonly string[] }> {
  const database = await appDatabase(page)
  const names = await database.evaluate((db) =>
    db.writeTransaction(async () => {
      void db.getAll('SELECT 1')
      await new Promise((resolve) => setTimeout(resolve, 100))
      const { held = [], pending = [] } = await navigator.locks.query()
      const nameOf = ({ name = '' }: LockInfo) => name
      return { held: held.map(nameOf), pending: pending.map(nameOf) }
    }),
  )
  await database.dispose()
  return names
}

/** Notes every count that the card of the first sync shows, from before it appears. */
async function watchMoments(page: Page): Promise<void> {
  await page.evaluate(() => {
    const moments: Moment[] = []
    Object.assign(globalThis, { moments })
    const digits = (text: string | undefined) => Number(text?.replace(/\D/g, ''))
    const look = () => {
      const text = document.querySelector('aside[aria-label="First sync"]')?.textContent ?? ''
      const found = /([\d,]+) of ([\d,]+) rows/.exec(text)
      if (found === null) return
      const newest = document.querySelector('[role="row"][aria-label^="Payee 0,"]')
      moments.push({
        done: digits(found[1]),
        total: digits(found[2]),
        hasNewest: newest !== null,
        saysTimeLeft: / left$/.test(text),
      })
    }
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    })
  })
}
