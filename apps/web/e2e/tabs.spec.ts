import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  openTransactions,
  queryPostgres,
  registerPerson,
  startStack,
  syncStatus,
  testPerson,
  transactionRow,
  waitUntilUpToDate,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('tabs')
/** A leader that is gone is asked four times in eight seconds. */
const takeOverMs = 45_000

test.describe('tabs of one browser, of which one routes and syncs', () => {
  test.describe.configure({ mode: 'serial' })
  let stack: Stack
  let context: BrowserContext
  let first: Page
  let second: Page
  let count = 0

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    context = await browser.newContext()
    first = await context.newPage()
    await registerPerson(first, stack.url, { ...person, stayUnlocked: true })
    await addAccount(first, { name: 'Everyday account', openingBalance: '250.00' })
    await write(first)
  })

  test.afterAll(async () => {
    await context.close()
    await stack.dispose()
  })

  test('a reload, and back and forward, leave a tab that sends what is written', async () => {
    for (let n = 0; n < 3; n += 1) {
      await first.reload()
      await write(first)
    }
    await first.goto(`${stack.url}/icons/icon-192.png`)
    await first.goBack()
    await write(first)
    await first.goForward()
    await first.goBack()
    await write(first)
  })

  test('a tab that does not lead sends too, and knows how it stands', async () => {
    second = await openTab()
    await write(second)
    await expect(transactionRow(first, `Payee ${count}`)).toBeVisible()
  })

  test('the second takes over when the first is killed, and sends what was left to send', async () => {
    const dead = first
    const crashed = dead.waitForEvent('crash')
    const cdp = await context.newCDPSession(dead)
    void cdp.send('Page.crash').catch(() => undefined)
    await crashed
    await write(second)
    await dead.close()
    first = second
  })

  test('a frozen tab gives the lead back, and goes on when it thaws, writing nothing twice', async () => {
    second = await openTab()
    const cdp = await context.newCDPSession(first)
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
    await write(second)
    await write(second)
    await cdp.send('Page.setWebLifecycleState', { state: 'active' })
    await expect(transactionRow(first, `Payee ${count}`)).toBeVisible()
    await write(first)
    await waitUntilUpToDate(second)
  })

  test('a lock whose holder does not answer is taken over, by itself', async () => {
    const holder = await context.newPage()
    await holder.goto(`${stack.url}/icons/icon-192.png`)
    await holder.evaluate(holdRouterLock, await routerLock(first))
    await first.reload()
    await write(first)
    expect(await first.evaluate(countLeads)).toBe(1)
    await holder.close()
  })

  test('a lock that is taken again and again is said, and a person can take over', async () => {
    await second.close()
    const thief = await context.newPage()
    await thief.goto(`${stack.url}/icons/icon-192.png`)
    await thief.evaluate(stealAgainAndAgain, await routerLock(first))
    await expect(syncStatus(first)).toHaveAccessibleName('Sync: Another tab blocks', {
      timeout: takeOverMs,
    })
    await addTransaction(first, { amount: '1.00', payee: 'Kept meanwhile' })
    await syncStatus(first).click()
    await expect(first.getByRole('dialog')).toContainText('kept on this device')
    await thief.evaluate(() => clearInterval((window as unknown as { thief: number }).thief))
    await first.getByRole('button', { name: 'Take over here' }).click()
    count += 1
    await expect.poll(() => revisions(), { timeout: takeOverMs }).toHaveLength(count)
    await waitUntilUpToDate(first)
    await thief.close()
  })

  async function openTab(): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(stack.url)
    return tab
  }

  /** Until the server has it. Every write is an insert: a second revision would be one sent twice. */
  async function write(tab: Page): Promise<void> {
    count += 1
    await openTransactions(tab)
    await addTransaction(tab, { amount: '1.00', payee: `Payee ${count}` })
    await expect
      .poll(() => revisions(), { timeout: takeOverMs })
      .toEqual(Array.from({ length: count }, () => 1))
    await waitUntilUpToDate(tab)
  }

  async function revisions(): Promise<number[]> {
    const rows = await queryPostgres<{ revision: string }>(
      stack.databaseUrl,
      'SELECT revision FROM transactions_encrypt',
    )
    return rows.map(({ revision }) => Number(revision))
  }
})

async function routerLock(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    const lock = held.find(({ name }) => name?.startsWith('sealbook-router-') === true)
    return lock?.name ?? ''
  })
}

/** Runs in a page, which keeps it until it is closed. */
function holdRouterLock(name: string): Promise<void> {
  return new Promise((resolve) => {
    void navigator.locks.request(name, { steal: true }, () => {
      resolve()
      return new Promise(() => undefined)
    })
  })
}

function stealAgainAndAgain(name: string): void {
  const steal = () =>
    void navigator.locks
      .request(name, { steal: true }, () => new Promise(() => undefined))
      .catch(() => undefined)
  ;(window as unknown as { thief: number }).thief = window.setInterval(steal, 20)
}

async function countLeads(): Promise<number> {
  const { held = [] } = await navigator.locks.query()
  return held.filter(({ name }) => name?.startsWith('sealbook-router-') === true).length
}
