import { beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { unlock } from '../browser/person.ts'
import { made } from './answer-lies.ts'
import { foundLedger, type HonestLedger } from './honest-ledger.ts'
import { changedKeys, flippedDataKeys, flippedSlots, kdf, keysPath } from './key-lies.ts'
import type { AnswerLie } from './lying-proxy.ts'
import { expectAmount } from './promises.ts'
import { useStage } from './stage.ts'
import { expectLedger, openDevice } from './victim.ts'

interface FirstAnswer {
  readonly name: string
  readonly answer: AnswerLie
  /** What the person does and sees, up to where the lie is named. */
  readonly meets: (page: Page, secretKey: string) => Promise<void>
  /** From there, once the server tells the truth, to the ledger. */
  readonly goesOn: (page: Page, secretKey: string) => Promise<void>
}

const enterKey = async (page: Page, secretKey: string) => {
  await page.getByRole('textbox', { name: 'Secret key' }).fill(secretKey)
  await page.getByRole('button', { name: 'Unlock' }).click()
}
const askAgain = (page: Page) => page.getByRole('button', { name: 'Ask the server again' }).click()
const askAndUnlock = async (page: Page, secretKey: string) => {
  await askAgain(page)
  await unlock(page, secretKey)
}
const reloadAndUnlock = async (page: Page, secretKey: string) => {
  await page.reload()
  await unlock(page, secretKey)
}
const notArrived = async (page: Page) => {
  await page.getByRole('heading', { name: 'Your keys have not arrived' }).waitFor()
}

const answers: readonly FirstAnswer[] = [
  {
    name: 'neither slots nor workspaces',
    answer: changedKeys(() => ({ slots: [], workspaces: [] })),
    meets: async (page) => {
      await page.getByText('If you have set Sealbook up before, do not go on.').waitFor()
      expect(await page.getByRole('button', { name: 'Make new keys' }).isDisabled()).toBe(true)
    },
    goesOn: askAndUnlock,
  },
  {
    name: 'no workspaces',
    answer: changedKeys((keys) => ({ ...keys, workspaces: [] })),
    meets: async (page, secretKey) => {
      await enterKey(page, secretKey)
      await page.getByText('The server lists no workspace for you.').waitFor()
    },
    goesOn: reloadAndUnlock,
  },
  {
    name: 'one flipped bit in each slot',
    answer: changedKeys(flippedSlots),
    meets: async (page, secretKey) => {
      await enterKey(page, secretKey)
      await page.getByRole('alert').getByText('That is not the secret key').waitFor()
    },
    goesOn: reloadAndUnlock,
  },
  {
    name: 'a derivation that is too cheap',
    answer: changedKeys(kdf({ memoryKiB: 8, passes: 1 })),
    meets: async (page, secretKey) => {
      await enterKey(page, secretKey)
      await page.getByRole('alert').getByText('The lock that the server keeps is damaged').waitFor()
    },
    goesOn: reloadAndUnlock,
  },
  {
    name: 'one flipped bit in the data key',
    answer: changedKeys(flippedDataKeys),
    meets: async (page, secretKey) => {
      await enterKey(page, secretKey)
      await page.getByRole('heading', { name: 'No key of your workspace opens here' }).waitFor()
    },
    goesOn: askAgain,
  },
  {
    name: 'no JSON',
    answer: made(keysPath, () => ({ status: 200, body: '<html>Welcome' })),
    meets: notArrived,
    goesOn: askAndUnlock,
  },
  {
    name: 'nulls',
    answer: made(keysPath, () => ({ status: 200, body: { slots: [null], workspaces: [null] } })),
    meets: notArrived,
    goesOn: askAndUnlock,
  },
  {
    name: '500',
    answer: made(keysPath, () => ({ status: 500, body: '' })),
    meets: notArrived,
    goesOn: askAndUnlock,
  },
]

describe.concurrent('a device without a past asks for keys and gets', () => {
  const stage = useStage()
  let ledger: HonestLedger
  beforeAll(async () => {
    ledger = await foundLedger(stage().stack.url, stage().pool, ['Bakery', 'Museum'])
  })

  it.each(answers)(
    '$name: it makes none, says so, and opens the ledger after the truth',
    async ({ answer, meets, goesOn }) => {
      const { stack, browser } = stage()
      const device = await openDevice(browser)
      try {
        const { page, liar } = device
        const { email, password, secretKey } = ledger.person
        const stored = await ledger.serverRows()
        liar.lie({ answer })
        await page.goto(stack.url)
        await page.getByRole('textbox', { name: 'Email' }).fill(email)
        await page.getByRole('textbox', { name: 'Password' }).fill(password)
        await page.getByRole('button', { name: 'Sign in', exact: true }).click()
        await meets(page, secretKey)
        expect(await page.getByRole('heading', { name: 'Choose your secret key' }).count()).toBe(0)

        liar.beHonest()
        await goesOn(page, secretKey)
        await expectLedger(page, ledger)
        expect(liar.posted).toEqual([])
        expect(await ledger.serverRows()).toEqual(stored)
        await expectAmount(ledger, ledger.payments[0]?.id ?? '', -1_000n)
      } finally {
        await device.close()
      }
    },
  )
})
