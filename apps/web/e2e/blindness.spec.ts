import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { entities, encryptTable } from '@sealbook/schema'
import {
  addAccount,
  addCategory,
  addTransaction,
  amountMarker,
  dumpPostgres,
  executeApp,
  findMarkers,
  freePort,
  openTransactions,
  plantMarker,
  queryApp,
  registerPerson,
  startRecordingProxy,
  startStack,
  testPerson,
  textMarker,
  transactionRow,
} from '@sealbook/testing/browser'
import { unscreenedColumns, writeUnscreened } from './unscreened.ts'

/** Typed on the screens. Every other sealed column gets a marker by SQL, past the screens. */
const typed = {
  'workspace_settings.name': textMarker('workspace_settings.name', 'Qworkspacemarker'),
  'accounts.name': textMarker('accounts.name', 'Qaccountmarker'),
  'accounts.opening_balance': amountMarker(
    'accounts.opening_balance',
    '48213377.91',
    4_821_337_791n,
  ),
  'accounts.note': textMarker('accounts.note', 'Qaccountnotemarker'),
  'categories.name': textMarker('categories.name', 'Qcategorymarker'),
  'transactions.amount': amountMarker('transactions.amount', '73195713.37', 7_319_571_337n),
  'transactions.payee': textMarker('transactions.payee', 'Qpayeemarker'),
  'transactions.note': textMarker('transactions.note', 'Qnotemarker'),
}
const unscreened = entities.map((entity) => ({
  entity,
  hasScreen: Object.keys(typed).some((name) => name.startsWith(`${entity.table}.`)),
  columns: unscreenedColumns(entity, typed),
}))
const all = [
  ...Object.values(typed),
  ...unscreened.flatMap(({ columns }) => columns.map(({ marker }) => marker)),
]
const planted = textMarker('planted', 'Qplantedmarker')

test('every sealed column has a marker of its own', () => {
  const sealed = entities.flatMap((entity) =>
    Object.entries<{ visibility: string }>(entity.columns)
      .filter(([, column]) => column.visibility === 'sealed')
      .map(([name]) => `${entity.table}.${name}`),
  )
  expect(all.map(({ name }) => name).sort()).toEqual(sealed.sort())
  const spelt = all.map(({ spellings }) => spellings[0]?.toString('hex'))
  expect(new Set(spelt).size).toBe(all.length)
})

test('no sealed value leaves the device readable, and a planted one is found', async ({
  browser,
}) => {
  const publicPort = await freePort()
  const publicUrl = `http://localhost:${publicPort}`
  const stack = await startStack({ publicUrl, env: { LOG_LEVEL: 'trace' } })
  const proxy = await startRecordingProxy(publicPort, Number(new URL(stack.url).port))
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  const consoleText: string[] = []
  page.on('console', (message) => consoleText.push(message.text()))
  page.on('pageerror', (error) => consoleText.push(String(error)))
  try {
    const person = { ...testPerson('blindness'), workspaceName: 'Qworkspacemarker' }
    await registerPerson(page, publicUrl, person)
    await addAccount(page, {
      name: 'Qaccountmarker',
      openingBalance: '48213377.91',
      note: 'Qaccountnotemarker',
    })
    await addCategory(page, 'Qcategorymarker')
    await openTransactions(page)
    await addTransaction(page, {
      amount: '73195713.37',
      payee: 'Qpayeemarker',
      note: 'Qnotemarker',
    })
    await expect(transactionRow(page, 'Qpayeemarker')).toBeVisible()
    for (const { entity, columns, hasScreen } of unscreened)
      if (columns.length > 0) await executeApp(page, writeUnscreened(entity, columns, hasScreen))
    // Such markers break the ledger's rules: the app names the rows as problems, and sends them.
    await expect.poll(() => countUnsent(page), { timeout: 60_000 }).toBe(0)

    // They are on the device in plain tables: the markers were really typed.
    const plain = await Promise.all(
      entities.map((entity) => queryApp(page, `SELECT * FROM ${entity.table}`)),
    )
    expect(findMarkers(all, Buffer.from(JSON.stringify(plain))).sort()).toEqual(
      all.map((marker) => marker.name).sort(),
    )
    const uploaded = await dumpPostgres(stack.databaseUrl)
    for (const entity of entities)
      expect(uploaded.rowsByTable[encryptTable(entity)]).toBeGreaterThan(0)

    const twins = await Promise.all(
      entities.map((entity) => queryApp(page, `SELECT * FROM ${encryptTable(entity)}`)),
    )
    await stack.stop()
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)))
    // A write while the server is away stays in the queue, where it must be sealed too.
    await addTransaction(page, {
      amount: '73195713.37',
      payee: 'Qpayeemarker',
      note: 'Qnotemarker',
    })
    await expect
      .poll(async () => (await queryApp(page, 'SELECT data FROM ps_crud')).length)
      .toBeGreaterThan(0)
    const queue = await queryApp(page, 'SELECT data FROM ps_crud')

    const places = {
      'Postgres dump': uploaded.text,
      'Postgres files and WAL': await readTree(stack.postgresDir),
      'received by the server': proxy.received(),
      'server log': Buffer.from(stack.log()),
      'browser console': Buffer.from(consoleText.join('\n')),
      'encrypted twins': Buffer.from(JSON.stringify(twins)),
      'upload queue': Buffer.from(JSON.stringify(queue)),
    }
    for (const [place, bytes] of Object.entries(places))
      expect(findMarkers(all, bytes), place).toEqual([])
    expect(places['Postgres files and WAL'].length).toBeGreaterThan(1_000_000)
    expect(places['received by the server'].includes('/api/sync/upload')).toBe(true)

    // The same search finds what is planted in a visible column.
    await plantMarker(stack.databaseUrl, 'Qplantedmarker')
    expect(findMarkers([planted], (await dumpPostgres(stack.databaseUrl)).text)).toEqual([
      'planted',
    ])
    expect(findMarkers([planted], await readTree(stack.postgresDir))).toEqual(['planted'])
  } finally {
    await context.close()
    await proxy.close()
    await stack.dispose()
  }
})

/** Local changes that are not sealed or not uploaded. */
async function countUnsent(page: Page): Promise<number | undefined> {
  const [counted] = await queryApp<{ changes: number }>(
    page,
    'SELECT (SELECT count(*) FROM router_out) + (SELECT count(*) FROM ps_crud) AS changes',
  )
  return counted?.changes
}

/** All bytes of all files under `folder`: heap, indexes, TOAST and pg_wal. */
async function readTree(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(
    await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name)))),
  )
}
