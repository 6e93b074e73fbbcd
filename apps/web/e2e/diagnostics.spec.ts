import { readFile } from 'node:fs/promises'
import { expect, test, type Locator, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  appDatabase,
  editTransaction,
  openTransactions,
  queryApp,
  queryPostgres,
  registerPerson,
  startStack,
  testPerson,
  transactionRow,
  waitUntilUpToDate,
  type Stack,
} from '@sealbook/testing/browser'

const person = testPerson('diagnostics')
const payees = ['Corner bakery', 'Book shop', 'Museum', 'Tea house', 'Night tram'] as const
type Payee = (typeof payees)[number]

test.describe.configure({ mode: 'serial' })

test.describe('diagnostics', () => {
  let stack: Stack
  let page: Page
  const ids = new Map<Payee, string>()

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    page = await browser.newPage()
    await registerPerson(page, stack.url, person)
    await addAccount(page, { name: 'Everyday account', openingBalance: '250.00' })
    await openTransactions(page)
    for (const payee of payees)
      await addTransaction(page, { amount: '12.50', payee, note: 'Zebra' })
    await waitUntilUpToDate(page)
    const rows = await queryApp<{ id: string; payee: Payee }>(
      page,
      'SELECT id, payee FROM transactions',
    )
    for (const { id, payee } of rows) ids.set(payee, id)
  })

  test.afterAll(async () => {
    await page.context().close()
    await stack.dispose()
  })

  test('opens from the settings and by its keys, and finds nothing wrong in a sound ledger', async () => {
    await page.getByRole('link', { name: 'Settings' }).first().click()
    await page.getByRole('link', { name: 'Open', exact: true }).click()
    await expect(heading(page)).toBeVisible()
    await openTransactions(page)
    await page.keyboard.press('Control+Alt+d')
    await expect(heading(page)).toBeVisible()
    await compare(page)
    await expect(page.getByText(/^Nothing differs/)).toBeVisible()
    await expect(differences(page)).toHaveCount(0)
  })

  test('shows a row side by side, from its transaction', async () => {
    await openTransactions(page)
    await transactionRow(page, 'Tea house').click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Control+Alt+d')
    const row = page.getByRole('region', { name: 'The row, side by side' })
    await expect(row).toContainText(ids.get('Tea house')!)
    await expect(row.getByText('Same everywhere')).toBeVisible()
    await expect(row.getByText('Seal sound')).toHaveCount(2)
    await expect(row.getByRole('row', { name: /^payee/ })).toContainText('Tea house')
  })

  test('names every kind of difference, repairs it, and finds nothing afterwards', async () => {
    await plantLostDownload('Tea house')
    await plant(`DELETE FROM transactions WHERE id = '${ids.get('Corner bakery')}'`)
    await plant(
      `UPDATE ps_data__transactions_encrypt SET data = json_set(data, '$.seal',
        substr(data ->> 'seal', 1, 49) || iif(data ->> 'seal' LIKE '%A', 'B', 'A'))
        WHERE id = '${ids.get('Book shop')}'`,
    )
    await plant(
      `UPDATE transactions SET payee = 'Night tram home', updated_at = updated_at + 60000
        WHERE id = '${ids.get('Night tram')}'`,
    )
    // Past the server: the engine carries it here, where its seal does not hold.
    const museum = ids.get('Museum')
    const [stored] = await queryPostgres<{ occurred_on: string }>(
      stack.databaseUrl,
      `SELECT occurred_on FROM transactions_encrypt WHERE id = '${museum}'`,
    )
    const setMuseumDay = (day: string) =>
      queryPostgres(
        stack.databaseUrl,
        `UPDATE transactions_encrypt SET occurred_on = '${day}' WHERE id = '${museum}'`,
      )
    await setMuseumDay('2020-01-01')
    await expect.poll(() => faults(page)).toBe(1)

    await openDiagnostics(page)
    await compare(page)
    await expect(page.getByText('5 rows differ')).toBeVisible()
    await expectDifference('Corner bakery', 'Missing in the ledger')
    await expectDifference('Book shop', 'Seal broken')
    await expectDifference('Tea house', 'Server differs', 'amount')
    await expectDifference('Night tram', 'Ledger differs', 'payee')
    await expectDifference('Museum', 'Seal broken', 'occurred_on')

    await page.getByRole('button', { name: 'Repair all' }).click()
    const done = page.getByRole('region', { name: 'What was repaired' }).getByRole('listitem')
    await expect(done).toHaveCount(5)
    await expectDone('Corner bakery', 'filled again from the sealed copy')
    await expectDone('Book shop', 'fetched again')
    await expectDone('Tea house', 'fetched again')
    await expectDone('Night tram', 'was sealed and is sent')
    await expectDone('Museum', 'the server has the same broken version')
    await setMuseumDay(stored!.occurred_on)
    await expect.poll(() => faults(page)).toBe(0)
    await waitUntilUpToDate(page)

    await compare(page)
    await expect(page.getByText(/^Nothing differs/)).toBeVisible()
    await openTransactions(page)
    for (const payee of ['Corner bakery', 'Book shop', 'Museum', 'Night tram home'])
      await expect(transactionRow(page, payee)).toBeVisible()
    await expect(transactionRow(page, 'Tea house')).toContainText('77.70')
  })

  test('exports a report without a single value', async () => {
    await plant(`UPDATE transactions SET note = 'Quagga' WHERE id = '${ids.get('Book shop')}'`)
    await openDiagnostics(page)
    await compare(page)
    await expect(page.getByText('1 row differs')).toBeVisible()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export a report' }).click()
    const report = await readFile(await (await download).path(), 'utf8')
    expect(report).toContain(ids.get('Book shop'))
    expect(report).toContain('plaintext-differs')
    for (const value of [...payees, 'Zebra', 'Quagga', '1250', 'Everyday', '2026-', 'EUR'])
      expect(report, value).not.toContain(value)
  })

  function expectDifference(payee: Payee, chip: string, column?: string): Promise<void> {
    const row = differences(page).filter({ hasText: ids.get(payee)! })
    return expectText(row, [chip, ...(column === undefined ? [] : [`difference is in ${column}.`])])
  }

  function expectDone(payee: Payee, sentence: string): Promise<void> {
    const done = page.getByRole('region', { name: 'What was repaired' }).getByRole('listitem')
    return expectText(done.filter({ hasText: ids.get(payee)! }), [sentence])
  }

  /** Writes as a fault would: neither the router nor the upload notices. */
  async function plant(...statements: string[]): Promise<void> {
    const database = await appDatabase(page)
    await database.evaluate(
      (db, given) =>
        db.writeTransaction(async (tx) => {
          await tx.execute('UPDATE router_control SET mute = 1')
          for (const sql of given) await tx.execute(sql)
          await tx.execute('UPDATE router_control SET mute = 0')
        }),
      statements,
    )
    await database.dispose()
  }

  /** The edit, revision 2, came back from the server in every bucket, and was applied. */
  async function returned(id: string): Promise<boolean> {
    const [left] = await queryApp<{ rows: number }>(
      page,
      `SELECT (SELECT count(*) FROM ps_oplog WHERE row_id = ? AND data ->> 'revision' <> 2)
        + (SELECT count(*) FROM ps_buckets WHERE last_op <> last_applied_op)
        + (SELECT count(*) FROM ps_crud)
        + (SELECT count(*) FROM router_seen WHERE id = ? AND accepted <> 2) AS rows`,
      [id, id],
    )
    return left?.rows === 0
  }

  /** The device goes back to what it had before an edit, as if it had never come. */
  async function plantLostDownload(payee: Payee): Promise<void> {
    const id = ids.get(payee)!
    const copies = ['ps_data__transactions_encrypt', 'ps_data_local__transactions']
    await plant(
      ...copies.map(
        (name) => `CREATE TEMP TABLE kept_${name} AS SELECT * FROM ${name} WHERE id = '${id}'`,
      ),
      `CREATE TEMP TABLE kept_seen AS SELECT * FROM router_seen WHERE id = '${id}'`,
    )
    await openTransactions(page)
    await editTransaction(page, payee, { amount: '77.70' })
    await expect.poll(() => returned(id)).toBe(true)
    await plant(
      ...copies.map((name) => `INSERT OR REPLACE INTO ${name} SELECT * FROM kept_${name}`),
      'INSERT OR REPLACE INTO router_seen SELECT * FROM kept_seen',
    )
  }
})

const heading = (page: Page) => page.getByRole('heading', { name: 'Diagnostics', level: 1 })

function differences(page: Page): Locator {
  return page.getByRole('list', { name: 'Rows that differ' }).getByRole('listitem')
}

async function openDiagnostics(page: Page): Promise<void> {
  await page.keyboard.press('Control+Alt+d')
  await expect(heading(page)).toBeVisible()
}

async function compare(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Compare everything' }).click()
  await expect(page.getByRole('status').filter({ hasText: /differ/ })).toBeVisible()
}

async function faults(page: Page): Promise<number> {
  const [row] = await queryApp<{ count: number }>(
    page,
    'SELECT count(*) AS count FROM router_faults',
  )
  return row!.count
}

async function expectText(row: Locator, texts: readonly string[]): Promise<void> {
  for (const text of texts) await expect(row).toContainText(text)
}
