import { expect, test } from '@playwright/test'
import { startStack, testPerson } from '@sealbook/testing/browser'

const person = testPerson('sign-up')

test('a newcomer may mistype everything once and still gets to the ledger', async ({ page }) => {
  const stack = await startStack()
  try {
    await page.goto(stack.url)
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByRole('textbox', { name: 'Email' }).fill('no address')
    await page.getByRole('textbox', { name: 'Password' }).fill('short')
    await page.getByRole('button', { name: 'Create account' }).click()
    await expect(page.getByText('Use at least 8 characters')).toBeVisible()
    await page.getByRole('textbox', { name: 'Password' }).fill(person.password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await expect(page.getByRole('textbox', { name: 'Email' })).toHaveAttribute(
      'aria-invalid',
      'true',
    )
    await page.getByRole('textbox', { name: 'Email' }).fill(person.email)
    await page.getByRole('button', { name: 'Create account' }).click()

    await page.getByText('My own', { exact: true }).click()
    const key = page.getByRole('textbox', { name: 'Secret key', exact: true })
    const repeated = page.getByRole('textbox', { name: 'Repeat the secret key' })
    await key.fill('password')
    await page.getByText('I have saved my secret key').click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await expect(page.getByText('This can be guessed')).toBeVisible()
    await key.fill(person.secretKey)
    await repeated.fill('something else')
    await expect(page.getByText('The two do not agree')).toBeVisible()
    await repeated.fill(person.secretKey)
    await page.getByRole('button', { name: 'Continue' }).click()

    const list = page.getByRole('list', { name: 'Recovery key' })
    await list.waitFor()
    const words = await list.locator('[data-recovery-word]').allTextContents()
    await page.getByRole('button', { name: 'Continue' }).click()
    const questions = page.getByRole('textbox', { name: /^Word \d+$/ })
    await questions.first().waitFor()
    await page.getByRole('button', { name: 'Finish' }).click()
    const complaints = page.getByText(/^This is not word \d+ of your key/)
    await expect(complaints).toHaveCount(2)
    for (const question of await questions.all()) {
      const label = await question.evaluate(
        (input: HTMLInputElement) => input.labels?.[0]?.innerText,
      )
      await question.fill(words[Number(/\d+/.exec(label ?? '')?.[0]) - 1] ?? '')
    }
    await expect(complaints).toHaveCount(0)
    await page.getByRole('button', { name: 'Finish' }).click()

    await page.getByRole('heading', { name: 'Create your workspace' }).waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('')
    await page.getByRole('button', { name: 'Create workspace' }).click()
    await expect(page.getByText('Give the workspace a name')).toBeVisible()
    await page.getByRole('textbox', { name: 'Name' }).fill(person.workspaceName)
    await page.getByRole('button', { name: 'Create workspace' }).click()
    await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible()
  } finally {
    await stack.dispose()
  }
})
