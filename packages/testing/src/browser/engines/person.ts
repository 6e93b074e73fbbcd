import type { TestPerson } from '../person.ts'
import type { EnginePage } from './page.ts'

const overview = { role: 'link', name: 'Overview' } as const

/** From an empty browser to an empty ledger, through every screen that a newcomer sees. */
export async function registerPerson(
  page: EnginePage,
  url: string,
  person: TestPerson,
): Promise<void> {
  await page.goto(url)
  await page.click({ role: 'button', name: 'Create an account' })
  await fillAccount(page, person)
  await page.click({ role: 'button', name: 'Create account' })
  await chooseSecretKey(page, person.secretKey)
  await answerRecoveryQuiz(page)
  if (person.stayUnlocked === true) await page.click({ text: 'Stay unlocked on this device' })
  await page.click({ role: 'button', name: 'Finish' })
  await page.waitFor({ role: 'heading', name: 'Create your workspace' })
  await page.fill({ role: 'textbox', name: 'Name' }, person.workspaceName)
  await page.fill({ role: 'combobox', name: /^Currency/ }, 'Euro')
  await page.click({ role: 'option', name: 'Euro (EUR)' })
  await page.click({ role: 'button', name: 'Create workspace' })
  await page.waitFor(overview)
}

/** Ends at the question for the secret key. */
export async function signIn(page: EnginePage, url: string, person: TestPerson): Promise<void> {
  await page.goto(url)
  await fillAccount(page, person)
  await page.click({ role: 'button', name: 'Sign in' })
  await page.waitFor({ role: 'heading', name: 'Unlock your ledger' })
}

export async function unlock(page: EnginePage, secretKey: string): Promise<void> {
  await page.fill({ role: 'textbox', name: 'Secret key' }, secretKey)
  await page.click({ role: 'button', name: 'Unlock' })
  await page.waitFor(overview)
}

/** By the settings, to the question for the secret key. */
export async function lock(page: EnginePage): Promise<void> {
  await page.click({ role: 'link', name: 'Settings' })
  await page.click({ role: 'button', name: 'Lock now' })
  await page.waitFor({ role: 'heading', name: 'Unlock your ledger' })
}

async function fillAccount(page: EnginePage, person: TestPerson): Promise<void> {
  await page.fill({ role: 'textbox', name: 'Email' }, person.email)
  await page.fill({ role: 'textbox', name: 'Password' }, person.password)
}

async function chooseSecretKey(page: EnginePage, secretKey: string): Promise<void> {
  await page.waitFor({ role: 'heading', name: 'Choose your secret key' })
  await page.click({ text: 'My own' })
  await page.fill({ role: 'textbox', name: 'Secret key' }, secretKey)
  await page.fill({ role: 'textbox', name: 'Repeat the secret key' }, secretKey)
  await page.click({ role: 'checkbox', name: /^I have saved my secret key/ })
  await page.click({ role: 'button', name: 'Continue' })
}

/** Reads the words off the screen and gives back the two that are asked for. */
async function answerRecoveryQuiz(page: EnginePage): Promise<void> {
  await page.waitFor({ role: 'list', name: 'Recovery key' })
  const words = await page.evaluate(() =>
    Array.from(document.querySelectorAll('[data-recovery-word]'), (word) => word.textContent),
  )
  await page.click({ role: 'button', name: 'Continue' })
  await page.waitFor({ role: 'textbox', name: /^Word \d+$/ })
  const questions = await page.evaluate(() =>
    Array.from(document.querySelectorAll('input'), (input) => input.labels?.[0]?.innerText ?? ''),
  )
  for (const name of questions.filter((label) => /^Word \d+$/.test(label)))
    await page.fill({ role: 'textbox', name }, words[Number(name.slice(5)) - 1] ?? '')
}
