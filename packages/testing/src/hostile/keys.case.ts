import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { openTransactions, transactionRow } from '../browser/ledger.ts'
import { unlock } from '../browser/person.ts'
import { everything, made } from './answer-lies.ts'
import {
  changedKeys,
  eachSlot,
  eachWorkspace,
  flip,
  flippedDataKeys,
  flippedSlots,
  kdf,
  keysPath,
  type KeyAnswer,
} from './key-lies.ts'
import type { AnswerLie } from './lying-proxy.ts'
import { expectKept, expectListed, expectNothingSent, expectWorks, note } from './promises.ts'
import { openScene, useStage, type Scene } from './stage.ts'

interface KeyLie {
  readonly name: string
  readonly answer: AnswerLie
  /** What the person is told, where the answer lacks what this device has. */
  readonly words?: RegExp
}

const noKeys = /does not have your keys/
const noWorkspace = /does not list your workspace/

function lie(name: string, change: (keys: KeyAnswer) => unknown, words?: RegExp): KeyLie {
  const answer = changedKeys(change)
  return { name, answer, ...(words === undefined ? {} : { words }) }
}

const keyLies: readonly KeyLie[] = [
  lie('no workspaces', (keys) => ({ ...keys, workspaces: [] }), noWorkspace),
  lie('no slots', (keys) => ({ ...keys, slots: [] }), noKeys),
  lie('neither slots nor workspaces', () => ({ slots: [], workspaces: [] }), /lists neither/),
  lie(
    'the recovery slot only',
    (keys) => ({
      ...keys,
      slots: keys.slots.filter(({ kind }) => kind === 'recovery-key'),
    }),
    noKeys,
  ),
  lie('one flipped bit in each slot', flippedSlots),
  lie(
    'slots of a higher version with one flipped bit',
    eachSlot((slot) => ({
      ...slot,
      wrapped: flip(slot['wrapped']),
      version: 9_007_199_254_740_991,
    })),
  ),
  lie(
    'slots under other ids',
    eachSlot((slot) => ({ ...slot, id: randomUUID() })),
  ),
  lie('a derivation that is too cheap', kdf({ memoryKiB: 8, passes: 1 })),
  lie('a derivation that freezes the device', kdf({ memoryKiB: 4_000_000_000, passes: 1_000_000 })),
  lie('another salt', kdf({ salt: 'AAAAAAAAAAAAAAAAAAAAAA' })),
  lie('another algorithm', kdf({ algorithm: 'md5' })),
  lie(
    'no data key',
    eachWorkspace((workspace) => ({ ...workspace, dataKeys: [] })),
    noWorkspace,
  ),
  lie('one flipped bit in the data key', flippedDataKeys),
  lie(
    'a bogus newer data key',
    eachWorkspace((workspace) => ({
      ...workspace,
      dataKeys: [
        ...workspace.dataKeys,
        ...workspace.dataKeys.map((key) => ({ ...key, keyVersion: 2 })),
      ],
    })),
  ),
  lie(
    'the data key as another version',
    eachWorkspace((workspace) => ({
      ...workspace,
      dataKeys: workspace.dataKeys.map((key) => ({ ...key, keyVersion: 7 })),
    })),
    noWorkspace,
  ),
  lie(
    'the data key of another workspace',
    eachWorkspace((workspace) => ({
      ...workspace,
      workspaceId: randomUUID(),
    })),
    noWorkspace,
  ),
  lie('a further workspace before this one', (keys) => ({
    ...keys,
    workspaces: [
      ...keys.workspaces.map((workspace) => ({
        ...workspace,
        workspaceId: '00000000-0000-4000-8000-000000000000',
      })),
      ...keys.workspaces,
    ],
  })),
  { name: 'JSON of another form', answer: made(keysPath, () => ({ status: 200, body: [1, 2] })) },
  { name: 'no JSON', answer: made(keysPath, () => ({ status: 200, body: '<html>Welcome' })) },
  {
    name: 'nulls',
    answer: made(keysPath, () => ({ status: 200, body: { slots: [null], workspaces: [null] } })),
  },
  {
    name: '403',
    answer: made(keysPath, () => ({ status: 403, body: { error: { code: 'forbidden' } } })),
  },
  { name: '500', answer: made(keysPath, () => ({ status: 500, body: '' })) },
]

describe('the key route answers', () => {
  const stage = useStage()
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(stage(), ['Bakery', 'Museum'])
  })
  afterAll(() => scene?.close())

  it.each(keyLies)(
    '$name: the ledger opens as before, online and offline',
    async ({ answer, words }) => {
      const { ledger, victim } = scene
      const before = await note(ledger, victim)
      victim.liar.lie({ answer })
      await reopen(scene)
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)
      if (words !== undefined) await victim.page.getByRole('alert').getByText(words).waitFor()

      // What the device keeps opens without any answer of the server.
      victim.liar.lie(everything({ status: 503, body: '' }))
      await reopen(scene)
      await expectKept(before, victim)
      await expectWorks(before, ledger, victim)
      await expectNothingSent(before, ledger, victim)
    },
  )

  it('what an honest server lost of them can be given back with one press', async () => {
    const { ledger, victim } = scene
    const { page } = victim
    victim.liar.beHonest()
    const { pool } = stage()
    const { userId, workspaceId } = ledger
    await pool.query('DELETE FROM key_slots WHERE user_id = $1', [userId])
    await pool.query('DELETE FROM workspace_data_keys WHERE user_id = $1', [userId])
    await reopen(scene)
    await page
      .getByRole('alert')
      .getByText(/lists neither/)
      .waitFor()
    await page.getByRole('button', { name: 'Send my copy to the server' }).click()
    await page.getByText('The server has your keys again').first().waitFor()
    const stored = await pool.query<{ wrapped: string }>(
      'SELECT wrapped FROM workspace_data_keys WHERE user_id = $1 AND workspace_id = $2',
      [userId, workspaceId],
    )
    expect(stored.rows).toEqual([{ wrapped: ledger.wrappedDataKey }])
    const slots = await pool.query<{ wrapped: string }>(
      'SELECT wrapped FROM key_slots WHERE user_id = $1 ORDER BY kind DESC',
      [userId],
    )
    expect(slots.rows).toEqual(ledger.slots.map(({ wrapped }) => ({ wrapped })))
  })
})

/** A reload, and the secret key: nothing else is asked, and everything is there. */
async function reopen({ ledger, victim }: Scene): Promise<void> {
  const { page } = victim
  const answers = answersOf(victim)
  await page.reload()
  const asked = page.getByRole('heading', { name: 'Unlock your ledger' })
  await asked.or(forms(page)).first().waitFor()
  expect(await forms(page).allTextContents()).toEqual([])
  await unlock(page, ledger.person.secretKey)
  await openTransactions(page)
  for (const { payee } of ledger.payments) await transactionRow(page, payee).waitFor()
  await expectListed(victim, 'Bakery', '10.00')
  // The answer has come, and was made something of.
  await answers()
  expect(await forms(page).allTextContents()).toEqual([])
}

/** Until the route of keys has answered once more. */
function answersOf({ page }: Scene['victim']): () => Promise<void> {
  const seen = page.waitForResponse((response) => keysPath.test(new URL(response.url()).pathname))
  return async () => {
    await seen
    await page.waitForTimeout(300)
  }
}

/** What makes a new ledger out of somebody who has one. */
function forms(page: Page) {
  return page.getByRole('heading', { name: /^(Create your workspace|Choose your secret key)$/ })
}
