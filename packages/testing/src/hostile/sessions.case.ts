import { describe, expect, it } from 'vitest'
import { editTransaction, openTransactions, transactionRow } from '../browser/ledger.ts'
import { unlock } from '../browser/person.ts'
import { everything } from './answer-lies.ts'
import { eventually } from './eventually.ts'
import type { HonestLedger } from './honest-ledger.ts'
import { tokenPath, type Answered } from './lying-proxy.ts'
import {
  expectKept,
  expectListed,
  expectNothingSent,
  expectState,
  expectWorks,
  note,
} from './promises.ts'
import { playScene, useStage } from './stage.ts'
import type { Victim } from './victim.ts'

const unauthorized: Answered = {
  status: 401,
  body: { error: { code: 'unauthorized', message: '' } },
}

describe.concurrent('the session', () => {
  const stage = useStage()
  it('is said to have ended: the ledger stays open, the form too, and it says why', async () => {
    await playScene(stage(), ['Bakery', 'Museum'], async ({ ledger, victim }) => {
      const { page, liar } = victim
      const before = await note(ledger, victim)
      await transactionRow(page, 'Museum').click()
      const form = page.getByRole('dialog')
      await form.getByRole('textbox', { name: 'Note' }).fill('Half typed')
      liar.lie(everything(unauthorized))
      // As the server does with the streams of a session that ends.
      liar.dropStreams()
      await expectState(victim, /Signed out/i)
      expect(await form.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('Half typed')
      await form.getByRole('button', { name: 'Save transaction' }).click()
      await form.waitFor({ state: 'hidden' })

      // Written while signed out, and kept for when the person is signed in.
      await editTransaction(page, 'Bakery', { amount: '21.21' })
      for (const { id } of ledger.payments) before.ordered.add(id)
      await expectListed(victim, 'Bakery', '21.21')
      await expectListed(victim, 'Museum', 'Half typed')
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)

      await signInAgain(ledger, victim)
      await expectWorks(before, ledger, victim)
      await eventually(async () => {
        const row = await ledger.opened('transactions', ledger.payments[0]?.id ?? '')
        expect(row?.['amount']).toBe(-2_121n)
      })
      await expectState(victim, /Up to date/)
    })
  })

  const answers: readonly (readonly [string, Answered, RegExp])[] = [
    ['401', unauthorized, /Signed out/],
    ['403', { status: 403, body: { error: { code: 'forbidden', message: '' } } }, /Offline/],
    [
      'somebody else',
      { status: 200, body: { user: { id: 'someone', email: 'else@example.invalid' } } },
      /Offline/,
    ],
    ['nothing', { status: 200, body: '' }, /Offline/],
  ]
  it.each(answers)(
    'is answered with %s from the start: the ledger opens all the same',
    async (_, answer, words) => {
      await playScene(stage(), ['Bakery', 'Museum'], async ({ ledger, victim }) => {
        const before = await note(ledger, victim)
        victim.liar.lie(everything(answer))
        await victim.page.reload()
        await unlock(victim.page, ledger.person.secretKey)
        await openTransactions(victim.page)
        await expectListed(victim, 'Bakery', '10.00')
        await expectKept(before, victim)
        await expectState(victim, words)
        await expectNothingSent(before, ledger, victim)
        if (answer === unauthorized) await signInAgain(ledger, victim)
        await expectWorks(before, ledger, victim)
        await expectState(victim, /Up to date/)
      })
    },
  )

  const tokens: readonly (readonly [string, unknown])[] = [
    ['garbage', { token: 'garbage', powersync_url: null }],
    ['of a foreign issuer', { token: foreignToken, powersync_url: null }],
    ['of nobody', { token: '', powersync_url: null }],
    [
      'and an address elsewhere',
      { token: foreignToken, powersync_url: 'https://elsewhere.invalid' },
    ],
  ]
  it.each(tokens)('gets a sync token %s: nothing is taken for synced', async (_, token) => {
    await playScene(stage(), ['Bakery', 'Museum'], async ({ ledger, victim }) => {
      const before = await note(ledger, victim)
      victim.liar.lie({
        answer: (asked, ask) =>
          asked.path === tokenPath
            ? ask().then(({ status, body }) => {
                const given = token as { readonly powersync_url: unknown }
                const truth = body as { readonly powersync_url: unknown }
                const address = given.powersync_url ?? truth.powersync_url
                return { status, body: { ...given, powersync_url: address } }
              })
            : undefined,
      })
      await victim.reconnect()
      await expectState(victim, /Offline/)
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)
      await expectWorks(before, ledger, victim)
      await expectState(victim, /Up to date/)
    })
  })
})

/** The way back that the notice shows: the password, and everything goes on where it was. */
async function signInAgain({ person }: HonestLedger, { page, liar }: Victim): Promise<void> {
  liar.beHonest()
  await page.getByRole('alert').getByRole('button', { name: 'Sign in' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByRole('textbox', { name: 'Password' }).fill(person.password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

/** Well formed, and signed by nobody that the engine knows. */
const foreignToken = [
  { alg: 'RS256', kid: 'foreign' },
  { sub: 'someone', aud: 'powersync', iss: 'https://elsewhere.invalid', exp: 4_000_000_000 },
  'signature',
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')
