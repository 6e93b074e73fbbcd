import { spawnSync } from 'node:child_process'
import { expect, test, type Page } from '@playwright/test'
import {
  addAccount,
  addTransaction,
  executeApp,
  openTransactions,
  registerPerson,
  startStack,
  testPerson,
} from '@sealbook/testing/browser'

/** Fewer would fit on the screen, where a list that prints only its window would pass. */
const rows = 60

test('every screen prints what it shows, light, without navigation', async ({ page }) => {
  test.slow()
  const stack = await startStack()
  try {
    const person = { ...testPerson('print'), stayUnlocked: true }
    await page.goto(stack.url)
    await expectPaper(page, ['Sign in'], [])
    await registerPerson(page, stack.url, person)
    await addAccount(page, { name: 'Paper account', openingBalance: '10' })
    await openTransactions(page)
    await addTransaction(page, { amount: '3.50', payee: 'Corner shop', note: 'with a note' })
    await addRows(page)
    await page.emulateMedia({ colorScheme: 'dark' })

    const payees = Array.from({ length: rows }, (_, at) => `Payee ${String(at).padStart(3, '0')}.`)
    await expect(page.getByText('Payee 059.')).toBeVisible()
    await expectPaper(page, ['Corner shop', 'with a note', 'Paper account', ...payees], ['Search'])

    for (const [path, texts] of screens) {
      await page.goto(`${stack.url}${path}`)
      await page.getByRole('main').getByRole('heading').first().waitFor()
      await expectPaper(page, texts, ['Skip to content'])
    }
  } finally {
    await stack.dispose()
  }
})

const screens: readonly (readonly [string, readonly string[]])[] = [
  ['/', ['Overview', 'Paper account', 'Payee 059.']],
  ['/accounts', ['Accounts', 'Paper account']],
  ['/categories', ['Categories', 'Groceries']],
  ['/settings', ['Settings', 'Where you are signed in', 'Storage']],
  ['/problems', ['Problems']],
  ['/diagnostics', ['Diagnostics']],
  ['/nowhere', ['There is nothing here']],
]

/** On the printed sheets; `absent` is what only the screen has. */
async function expectPaper(
  page: Page,
  present: readonly string[],
  absent: readonly string[],
): Promise<void> {
  for (const text of present.slice(0, 2)) await page.getByText(text).first().waitFor()
  const sheets = await page.pdf({ format: 'A4' })
  await page.emulateMedia({ media: 'print' })
  // What only paper needs is rendered when the page hears of it, in the next frame.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  )
  const laidOut = await page.evaluate(() => document.body.innerText)
  // Where poppler is not installed, the layout for paper alone is looked at.
  for (const text of [laidOut, textOf(sheets)].filter((each) => each !== null)) {
    const printed = plain(text)
    for (const part of present) expect(printed).toContain(plain(part))
    for (const part of [...absent, 'Add transaction']) expect(printed).not.toContain(plain(part))
  }
  const colours = await page.evaluate(() => {
    const { color } = getComputedStyle(document.querySelector('h1') ?? document.body)
    const canvas = document.createElement('canvas').getContext('2d')
    if (canvas === null) throw new Error('no canvas')
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    const [red = 255, green = 255, blue = 255] = canvas.getImageData(0, 0, 1, 1).data
    return {
      ground: getComputedStyle(document.body).backgroundColor,
      brightestOfInk: Math.max(red, green, blue),
      navigation: [...document.querySelectorAll('nav')].filter((nav) => nav.checkVisibility())
        .length,
    }
  })
  expect(colours.ground).toBe('rgb(255, 255, 255)')
  expect(colours.brightestOfInk).toBeLessThan(100)
  expect(colours.navigation).toBe(0)
  await page.emulateMedia({ media: null })
}

/** A month that is longer than a screen, by SQL: sixty forms would take minutes. */
async function addRows(page: Page): Promise<void> {
  for (let at = 0; at < rows; at += 1)
    await executeApp(
      page,
      `INSERT INTO transactions
        (id, workspace_id, account_id, kind, amount, occurred_on, payee, note, status,
         created_at, updated_at)
       SELECT '0199${String(at).padStart(4, '0')}-0000-7000-8000-000000000000', workspace_id,
         account_id, kind, -100, occurred_on, 'Payee ${String(at).padStart(3, '0')}.', '', status,
         created_at, updated_at
       FROM transactions WHERE payee = 'Corner shop'`,
    )
}

function textOf(pdf: Buffer): string | null {
  const { error, stdout } = spawnSync('pdftotext', ['-', '-'], { input: pdf, encoding: 'utf8' })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return null
  return stdout
}

/** Lines break where the sheet ends. */
function plain(text: string): string {
  return text.replace(/\s+/g, '').replaceAll('ﬁ', 'fi').replaceAll('ﬀ', 'ff')
}
