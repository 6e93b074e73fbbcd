import { expect, test, type Page } from '@playwright/test'
import {
  addAccount,
  openTransactions,
  registerPerson,
  startStack,
  testPerson,
  type Stack,
} from '@sealbook/testing/browser'

const widths = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'desktop', width: 1280, height: 800 },
]

test.describe.configure({ mode: 'serial' })

test.describe('a form that is open', () => {
  let stack: Stack
  let page: Page

  test.beforeAll(async ({ browser }) => {
    stack = await startStack()
    page = await (await browser.newContext()).newPage()
    await registerPerson(page, stack.url, testPerson('forms'))
    await addAccount(page, { name: 'Purse', openingBalance: '15' })
  })

  test.afterAll(async () => {
    await page.context().close()
    await stack.dispose()
  })

  for (const { name, ...size } of widths) {
    test.describe(`on a ${name}`, () => {
      test.beforeAll(async () => {
        await page.setViewportSize(size)
        await openTransactions(page)
      })

      test('goes at once while nothing was entered', async () => {
        for (const leave of [escape, pressOutside, back]) {
          await openNew()
          await leave()
          await expect(form()).toHaveCount(0)
          await expect(page).toHaveURL(/\/transactions$/)
        }
      })

      test('asks before it discards what was entered', async () => {
        await openNew()
        await form().getByRole('textbox', { name: 'Amount' }).fill('12.30')
        for (const leave of [escape, pressOutside, back, pressClose]) {
          await leave()
          await expect(question()).toBeVisible()
          await question().getByRole('button', { name: 'Keep editing' }).click()
          await expect(question()).toHaveCount(0)
          await expect(form().getByRole('textbox', { name: 'Amount' })).toHaveValue('12.30')
        }
        await back()
        await expect(question()).toBeVisible()
        // Back takes the question away, as Escape does, and not the form under it.
        await back()
        await expect(question()).toHaveCount(0)
        await expect(form().getByRole('textbox', { name: 'Amount' })).toHaveValue('12.30')
        await escape()
        await question().getByRole('button', { name: 'Discard' }).click()
        await expect(form()).toHaveCount(0)
        await expect(page).toHaveURL(/\/transactions$/)
        await expect(page.getByRole('row', { name: /12\.30/ })).toHaveCount(0)
      })

      test('leaves nothing behind in the history', async () => {
        await page.getByRole('link', { name: 'Accounts', exact: true }).first().click()
        await expect(page.getByRole('heading', { name: 'Accounts', level: 1 })).toBeVisible()
        await openTransactions(page)
        await openNew()
        await escape()
        await expect(form()).toHaveCount(0)
        await openNew()
        await back()
        await expect(form()).toHaveCount(0)
        await page.waitForFunction(() => !JSON.stringify(history.state).includes('sealbookPlaces'))
        await goBack()
        await expect(page).toHaveURL(/\/accounts$/)
        await expect(page.getByRole('heading', { name: 'Accounts', level: 1 })).toBeVisible()
        await openTransactions(page)
      })
    })
  }

  test('asks about a date that was hardly meant, and takes it when saved again', async () => {
    await openTransactions(page)
    await openNew()
    await form().getByRole('textbox', { name: 'Amount' }).fill('€ 7.70')
    await form().getByLabel('Date').fill('2206-11-28')
    await form().getByRole('button', { name: 'Save transaction' }).click()
    await expect(
      form().getByText('The year 2206 is far off. Save again if it is right.'),
    ).toBeVisible()
    await form().getByRole('button', { name: 'Save transaction' }).click()
    await expect(form()).toHaveCount(0)
    await expect(page.getByRole('row', { name: /7\.70/ })).toBeVisible()
  })

  test('refuses a name that nobody sees, and points out one that is there', async () => {
    await page.getByRole('link', { name: 'Accounts', exact: true }).first().click()
    await page.getByRole('button', { name: 'Add account' }).first().click()
    const account = page.getByRole('dialog', { name: 'New account' })
    await account.getByRole('textbox', { name: 'Name' }).fill('\u200b\u202e')
    await account.getByRole('button', { name: 'Save account' }).click()
    await expect(account.getByText('Give the account a name.')).toBeVisible()
    await account.getByRole('textbox', { name: 'Name' }).fill('PURSE')
    await expect(account.getByText('You have an account of this name already.')).toBeVisible()
    await account.getByRole('textbox', { name: 'Name' }).fill('Tur\u202ened')
    await account.getByRole('textbox', { name: 'Opening balance' }).fill('(1,234.50)')
    await account.getByRole('button', { name: 'Save account' }).click()
    await expect(account).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Edit Turned' })).toBeVisible()
    await expect(page.getByText('\u2212€1,234.50').first()).toBeVisible()
  })

  const form = () => page.getByRole('dialog', { name: 'New transaction' })
  const question = () => page.getByRole('alertdialog', { name: 'Discard what you entered?' })
  const escape = () => page.keyboard.press('Escape')
  const goBack = () => page.evaluate(() => history.back())
  const back = async () => {
    // Only once the dialog has its place: a press that quick is nobody's.
    await page.waitForFunction(() => JSON.stringify(history.state).includes('sealbookPlaces'))
    await goBack()
  }
  const pressOutside = () => page.mouse.click(5, 5)
  const pressClose = () => form().getByRole('button', { name: 'Close', exact: true }).click()

  async function openNew(): Promise<void> {
    await page.keyboard.press('n')
    await expect(form().getByRole('textbox', { name: 'Amount' })).toBeFocused()
  }
})
