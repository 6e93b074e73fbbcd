import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import {
  addAccount,
  appDatabase,
  launchKillableBrowser,
  queryApp,
  queryPostgres,
  registerPerson,
  seededRandom,
  signIn,
  startStack,
  testPerson,
  unlock,
  waitUntilUpToDate,
  type KillableBrowser,
} from '@sealbook/testing/browser'

const kills = Number(process.env['SEALBOOK_KILLS'] ?? 20)
const seed = Number(process.env['SEALBOOK_SEED'] ?? Date.now() % 1_000_000)
const shortestBurstMs = 150
const longestBurstMs = 2_500

interface AcceptedWrite {
  readonly id: string
  readonly amount: number
}

test(`nothing is lost or doubled by ${kills} SIGKILLs during local writes and incoming rows`, async ({
  browser,
}) => {
  test.setTimeout(120_000 + kills * 30_000)
  console.log(`crash seed ${seed}`)
  const random = seededRandom(seed)
  const profile = await mkdtemp(join(tmpdir(), 'sealbook-crash-'))
  const stack = await startStack()
  const contextB = await browser.newContext()
  const person = testPerson('crash')
  const accepted = new Map<string, number>()
  let deviceA = await launchKillableBrowser(profile)
  try {
    let page = await deviceA.context.newPage()
    await registerPerson(page, stack.url, { ...person, stayUnlocked: true })
    await addAccount(page, { name: 'Crash account', openingBalance: '0' })
    await waitUntilUpToDate(page)
    // A session cookie that was never written to disk would be lost, and its person signed out.
    await deviceA.quit()
    deviceA = await launchKillableBrowser(profile)
    page = await openDevice(deviceA, stack.url)
    const deviceB = await contextB.newPage()
    await signIn(deviceB, stack.url, person)
    await unlock(deviceB, person.secretKey)
    await waitUntilUpToDate(deviceB)

    for (let round = 0; round < kills; round++) {
      const incoming = burst(deviceB, 'B', 30)
      await page.exposeFunction('accepted', (write: AcceptedWrite) =>
        accepted.set(write.id, write.amount),
      )
      const running = burst(page, 'A', Number.MAX_SAFE_INTEGER).catch(() => [])
      const burstMs = shortestBurstMs + random() * (longestBurstMs - shortestBurstMs)
      await new Promise((resolve) => setTimeout(resolve, burstMs))
      await deviceA.kill()
      await running
      for (const write of await incoming) accepted.set(write.id, write.amount)
      deviceA = await launchKillableBrowser(profile)
      page = await openDevice(deviceA, stack.url)
    }

    await waitUntilUpToDate(page)
    await waitUntilUpToDate(deviceB)
    expect(accepted.size).toBeGreaterThan(kills * 5)
    const [server, local, twin, localB] = await Promise.all([
      queryPostgres<{ id: string; revision: string }>(
        stack.databaseUrl,
        'SELECT id, revision FROM transactions_encrypt ORDER BY id',
      ),
      queryApp<AcceptedWrite>(page, 'SELECT id, amount FROM transactions ORDER BY id'),
      queryApp<{ id: string; revision: number }>(
        page,
        'SELECT id, revision FROM transactions_encrypt ORDER BY id',
      ),
      queryApp<AcceptedWrite>(deviceB, 'SELECT id, amount FROM transactions ORDER BY id'),
    ])
    const amountById = new Map(local.map((row) => [row.id, row.amount]))
    for (const [id, amount] of accepted) expect(amountById.get(id), id).toBe(amount)
    const serverIds = server.map((row) => row.id)
    expect(local.map((row) => row.id)).toEqual(serverIds)
    expect(twin.map((row) => row.id)).toEqual(serverIds)
    expect(new Set(serverIds).size).toBe(serverIds.length)
    expect(localB).toEqual(local)
    // Every write inserted a row of its own: a second revision would be a change uploaded twice.
    expect(server.filter((row) => Number(row.revision) !== 1)).toEqual([])
    expect(await queryApp(page, 'SELECT id FROM ps_crud')).toEqual([])
    expect(await queryApp(page, 'SELECT * FROM upload_problems')).toEqual([])
    console.log(`crash: ${accepted.size} accepted writes, ${server.length} rows on the server`)
  } finally {
    await deviceA.kill()
    await contextB.close()
    await stack.dispose()
    await rm(profile, { recursive: true, force: true })
  }
})

/** Opens the ledger, which the device keeps unlocked. */
async function openDevice(device: KillableBrowser, url: string): Promise<Page> {
  const page = await device.context.newPage()
  await page.goto(url)
  const database = await appDatabase(page)
  await database.dispose()
  return page
}

/** Inserts up to `count` transactions one after another and tells of each that was accepted. */
async function burst(page: Page, device: string, count: number): Promise<AcceptedWrite[]> {
  const database = await appDatabase(page)
  return database.evaluate(
    async (db, [name, most]) => {
      const tell = (globalThis as unknown as { accepted?: (write: AcceptedWrite) => Promise<void> })
        .accepted
      const [account] = await db.getAll<{ id: string; workspace_id: string }>(
        'SELECT id, workspace_id FROM accounts',
      )
      const writes: AcceptedWrite[] = []
      for (let n = 0; n < most; n++) {
        const write = { id: crypto.randomUUID(), amount: -1 - Math.floor(Math.random() * 1e6) }
        await db.execute(
          `INSERT INTO transactions (id, workspace_id, account_id, kind, occurred_on, status, amount, payee,
             note, created_at, updated_at)
           VALUES (?, ?, ?, 'expense', '2026-01-15', 'cleared', ?, ?, '', ?, ?)`,
          [
            write.id,
            account?.workspace_id,
            account?.id,
            write.amount,
            `${name} ${n}`,
            String(Date.now()),
            String(Date.now()),
          ],
        )
        if (tell === undefined) writes.push(write)
        else await tell(write)
      }
      return writes
    },
    [device, count] as const,
  )
}
