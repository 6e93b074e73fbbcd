import type { Page } from 'playwright-core'

/** Obviously made-up particulars of somebody who uses the app in a test. */
export interface TestPerson {
  readonly email: string
  readonly password: string
  readonly secretKey: string
  readonly workspaceName: string
  /** Keeps the keys on the device, so that a reload opens the ledger at once. */
  readonly stayUnlocked?: boolean
}

export function testPerson(name: string): TestPerson {
  return {
    email: `${name}@example.invalid`,
    password: `not a real password of ${name}`,
    secretKey: 'velvet orbit cactus ladder thunder mosaic',
    workspaceName: 'Household',
  }
}

/** From an empty browser to an empty ledger, through every screen that a newcomer sees. */
export async function registerPerson(page: Page, url: string, person: TestPerson): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await fillAccount(page, person)
  await page.getByRole('button', { name: 'Create account' }).click()
  await chooseSecretKey(page, person.secretKey)
  await saveRecoveryKey(page, person.stayUnlocked ?? false)
  await page.getByRole('heading', { name: 'Create your workspace' }).waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill(person.workspaceName)
  await page.getByRole('combobox', { name: 'Currency' }).fill('Euro')
  await page.getByRole('option', { name: 'Euro (EUR)' }).click()
  await page.getByRole('button', { name: 'Create workspace' }).click()
  await page.getByRole('link', { name: 'Overview' }).first().waitFor()
}

/** Ends at the question for the secret key. */
export async function signIn(page: Page, url: string, person: TestPerson): Promise<void> {
  await page.goto(url)
  await fillAccount(page, person)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Unlock your ledger' }).waitFor()
}

export async function unlock(page: Page, secretKey: string): Promise<void> {
  await tryToUnlock(page, secretKey)
  await page.getByRole('link', { name: 'Overview' }).first().waitFor()
}

/** Ends when the app has said no. */
export async function unlockRefused(page: Page, secretKey: string): Promise<void> {
  await tryToUnlock(page, secretKey)
  await page.getByRole('alert').getByText('That is not the secret key').waitFor()
}

async function tryToUnlock(page: Page, secretKey: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Secret key' }).fill(secretKey)
  await page.getByRole('button', { name: 'Unlock' }).click()
}

async function fillAccount(page: Page, person: TestPerson): Promise<void> {
  await page.getByRole('textbox', { name: 'Email' }).fill(person.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password)
}

async function chooseSecretKey(page: Page, secretKey: string): Promise<void> {
  await page.getByRole('heading', { name: 'Choose your secret key' }).waitFor()
  await page.getByText('My own', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Secret key', exact: true }).fill(secretKey)
  await page.getByRole('textbox', { name: 'Repeat the secret key' }).fill(secretKey)
  await page.getByText('I have saved my secret key').click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** Reads the words off the screen and gives back the two that are asked for. */
async function saveRecoveryKey(page: Page, stayUnlocked: boolean): Promise<void> {
  const list = page.getByRole('list', { name: 'Recovery key' })
  await list.waitFor()
  const words = await list.locator('[data-recovery-word]').allTextContents()
  await page.getByRole('button', { name: 'Continue' }).click()
  const questions = page.getByRole('textbox', { name: /^Word \d+$/ })
  await questions.first().waitFor()
  for (const question of await questions.all()) {
    const label = await question.evaluate(
      (input: HTMLInputElement) => input.labels?.[0]?.textContent,
    )
    const position = Number(/\d+/.exec(label ?? '')?.[0])
    await question.fill(words[position - 1] ?? '')
  }
  if (stayUnlocked) await page.getByText('Stay unlocked on this device').click()
  await page.getByRole('button', { name: 'Finish' }).click()
}
