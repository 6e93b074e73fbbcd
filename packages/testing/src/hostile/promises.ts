import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { addTransaction, openTransactions, syncStatus, transactionRow } from '../browser/ledger.ts'
import { eventually } from './eventually.ts'
import type { HonestLedger } from './honest-ledger.ts'
import { readLedgerRows, type Victim } from './victim.ts'

/** What was there before the lie began, to be held against what is there now. */
export interface Before {
  readonly shown: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly stored: ReadonlyMap<string, string>
  readonly posted: number
  /** Ids of rows that the person, or an honest device, was told to change. */
  readonly ordered: Set<string>
}

export async function note(ledger: HonestLedger, victim: Victim): Promise<Before> {
  ledger.forgetWritten()
  return {
    shown: await readLedgerRows(victim.page),
    stored: await ledger.serverRows(),
    posted: victim.liar.posted.length,
    ordered: new Set(),
  }
}

/**
 * Never shown as good, and the good row kept: every row of the ledger has the values that it had,
 * but for those that the person changed here.
 */
export async function expectKept(before: Before, { page }: Victim): Promise<void> {
  const now = await readLedgerRows(page)
  const isOthers = ([key]: [string, unknown]) => !before.ordered.has(key.split('/')[1] ?? '')
  expect(Object.fromEntries([...now].filter(isOthers))).toEqual(
    Object.fromEntries([...before.shown].filter(isOthers)),
  )
}

/** Nothing sent: neither asked of the server nor to be found there, but for what was ordered. */
export async function expectNothingSent(
  before: Before,
  ledger: HonestLedger,
  { liar }: Victim,
): Promise<void> {
  const posted = liar.posted
    .slice(before.posted)
    .flatMap(({ operations }) => operations.map(({ op, table, id }) => `${op} ${table}/${id}`))
    .filter((operation) => !before.ordered.has(operation.split('/')[1] ?? ''))
  expect(posted).toEqual([])
  const stored = await ledger.serverRows()
  const changed = [...new Set([...stored.keys(), ...before.stored.keys()])]
    .filter((key) => stored.get(key) !== before.stored.get(key))
    .filter((key) => {
      const id = key.split('/')[1] ?? ''
      return !before.ordered.has(id) && !ledger.written.has(id)
    })
  expect(changed).toEqual([])
}

/** Named to the person: the indicator says so, and the page of problems in words. */
export async function expectProblem(victim: Victim, words: RegExp, title?: string): Promise<void> {
  await openProblems(victim)
  const cards = problemCards(victim, title)
  await eventually(async () => {
    expect((await cards.allTextContents()).join('\n')).toMatch(words)
  })
  await openTransactions(victim.page)
}

/** Presses a button of that problem, and goes back to the list. */
export async function pressInProblem(victim: Victim, title: string, name: RegExp): Promise<void> {
  await openProblems(victim)
  await problemCards(victim, title).getByRole('button', { name }).first().click()
  await openTransactions(victim.page)
}

async function openProblems(victim: Victim): Promise<void> {
  const { page } = victim
  await expectState(victim, /problem/)
  await syncStatus(page).click()
  await page.getByRole('link', { name: /^Look at the problem/ }).click()
  await page.getByRole('heading', { name: 'Problems', level: 1 }).waitFor()
}

function problemCards({ page }: Victim, title: string | undefined): Locator {
  const main = page.getByRole('main')
  return title === undefined ? main.getByRole('region') : main.getByRole('region', { name: title })
}

export async function deleteTransaction(page: Page, payee: string): Promise<void> {
  await transactionRow(page, payee).click()
  await page.getByRole('button', { name: 'Delete transaction' }).click()
  await transactionRow(page, payee).waitFor({ state: 'detached' })
}

export async function expectState({ page }: Victim, words: RegExp): Promise<void> {
  await eventually(async () => expect(await syncStatus(page).textContent()).toMatch(words))
}

/** In the list that the person looks at. */
export async function expectListed({ page }: Victim, payee: string, text: string): Promise<void> {
  const row = transactionRow(page, payee)
  await eventually(async () => expect(await row.textContent()).toContain(text))
}

/** What the person wrote is before them: in the list, or in a problem that asks about it. */
export async function expectListedOrAsked(
  victim: Victim,
  payee: string,
  text: string,
): Promise<void> {
  await eventually(async () => {
    const listed = (await transactionRow(victim.page, payee).textContent()) ?? ''
    if (listed.includes(text)) return
    await openProblems(victim)
    const asked = await problemCards(victim, `Transaction “${payee}”`).allTextContents()
    await openTransactions(victim.page)
    expect(asked.join()).toContain(text)
  })
}

/**
 * Until nothing is left to decide or to send. Where a lie made a question of the person's change,
 * they answer with their own version.
 */
export async function settleWithMine(victim: Victim, title: string): Promise<void> {
  const { page } = victim
  const mine = /^(Keep mine|Keep all mine|Bring it back|Send again|Delete it again|Try again)$/
  await eventually(async () => {
    const state = (await syncStatus(page).textContent()) ?? ''
    if (/problem/.test(state)) {
      // It may be settled by itself meanwhile: then there is nothing to press.
      await page.evaluate(() => {
        history.pushState(null, '', '/problems')
        dispatchEvent(new PopStateEvent('popstate'))
      })
      const button = problemCards(victim, title).getByRole('button', { name: mine }).first()
      await button.click({ timeout: 2_000 }).catch(() => undefined)
      await openTransactions(page)
    }
    expect(state).toBe('Up to date')
  })
}

/** On the server, opened. */
export async function expectAmount(
  ledger: HonestLedger,
  id: string,
  amount: bigint,
): Promise<void> {
  await eventually(async () => {
    expect((await ledger.opened('transactions', id))?.['amount']).toBe(amount)
  })
}

/** The liar is gone: what the person adds is sealed and stored, and what others write is shown. */
export async function expectWorks(
  before: Before,
  ledger: HonestLedger,
  victim: Victim,
): Promise<void> {
  const { page, liar } = victim
  liar.beHonest()
  liar.mend()
  await victim.reconnect()
  await openTransactions(page)
  const mine = `Own ${payeeCount()}`
  await addTransaction(page, { amount: '7.70', payee: mine })
  const theirs = await ledger.add(`Other ${payeeCount()}`, -880n)
  await expectListed(victim, theirs.payee, '8.80')
  await eventually(async () => {
    const [key] = [...(await readLedgerRows(page))].find(([, row]) => row['payee'] === mine) ?? []
    const id = key?.split('/')[1] ?? ''
    before.ordered.add(id)
    expect((await ledger.opened('transactions', id))?.['payee']).toBe(mine)
  })
}

let payees = 0
function payeeCount(): number {
  payees += 1
  return payees
}
