import { describe, expect, it } from 'vitest'
import { refusalCodes } from '@sealbook/schema/upload'
import { addTransaction, editTransaction, transactionRow } from '../browser/ledger.ts'
import {
  forgedConflicts,
  halfSwallowed,
  made,
  refused,
  swallowed,
  uploadPath,
} from './answer-lies.ts'
import { eventually } from './eventually.ts'
import type { AnswerLie } from './lying-proxy.ts'
import {
  deleteTransaction,
  expectAmount,
  expectKept,
  expectListed,
  expectNothingSent,
  expectProblem,
  expectState,
  expectWorks,
  note,
  pressInProblem,
  settleWithMine,
} from './promises.ts'
import { playScene, useStage, type Scene } from './stage.ts'

const payees = ['Bakery', 'Museum']

describe.concurrent('an upload is answered', () => {
  const stage = useStage()
  const codes = refusalCodes.filter((code) => code !== 'conflict')
  it('with a refusal of every code: named, the value kept, and sent when tried again', async () => {
    await playScene(stage(), codes, async ({ ledger, victim }) => {
      const before = await note(ledger, victim)
      for (const [index, code] of codes.entries()) {
        victim.liar.lie({ answer: refused({ code, retryable: false }) })
        await editTransaction(victim.page, code, { amount: '21.21' })
        await expectState(victim, new RegExp(`^${index + 1} problem`))
      }
      await expectNothingSent({ ...before, posted: victim.liar.posted.length }, ledger, victim)
      victim.liar.beHonest()
      for (const [index, { id, payee }] of ledger.payments.entries()) {
        before.ordered.add(id)
        await expectProblem(victim, /−€21\.21/, `Transaction “${payee}”`)
        await pressInProblem(victim, `Transaction “${payee}”`, /Try again/)
        await expectAmount(ledger, id, -2_121n)
        if (index < codes.length - 1) await expectState(victim, /problem/)
      }
      await expectState(victim, /Up to date/)
      await expectKept(before, victim)
      await expectWorks(before, ledger, victim)
    })
  })

  /** What is no answer to the batch at all: nothing is known, and everything waits. */
  const nonsense: readonly (readonly [string, AnswerLie])[] = [
    ['a page of a hotel', made(uploadPath, () => ({ status: 200, body: '<html>Welcome' }))],
    ['an index that is none', refusedAt(7)],
    ['an index below zero', refusedAt(-1)],
    ['no errors', made(uploadPath, () => ({ status: 200, body: { applied: 1 } }))],
    ['nothing', made(uploadPath, () => ({ status: 200, body: '' }))],
    ['403', made(uploadPath, () => ({ status: 403, body: '' }))],
    ['500', made(uploadPath, () => ({ status: 500, body: {} }))],
    ['a redirection', made(uploadPath, () => ({ status: 304, body: '' }))],
  ]
  it('with what is no answer: the change waits, and goes out with the truth', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const before = await note(ledger, victim)
      before.ordered.add(ledger.payments[0]?.id ?? '')
      for (const [index, [, answer]] of nonsense.entries()) {
        const posted = victim.liar.posted.length
        victim.liar.lie({ answer })
        await editTransaction(victim.page, 'Bakery', { amount: `21.${index + 10}` })
        await eventually(() => {
          expect(victim.liar.posted.length).toBeGreaterThan(posted)
          return Promise.resolve()
        })
        // A server without an answer is asked a few times before it is said to be away.
        if (index === 0) await expectState(victim, /1 change waiting/)
        await expectListed(victim, 'Bakery', `21.${index + 10}`)
        await expectKept(before, victim)
        victim.liar.beHonest()
        await victim.reconnect()
        await expectAmount(ledger, ledger.payments[0]?.id ?? '', -2_110n - BigInt(index))
      }
      await expectState(victim, /Up to date/)
      await expectNothingSent(before, ledger, victim)
      await expectWorks(before, ledger, victim)
    })
  })

  it('with a forged conflict: nothing is lost, and every row can still be sealed', async () => {
    const names = forgedConflicts.map(([name]) => name)
    await playScene(stage(), names, async (scene) => {
      const { ledger, victim } = scene
      for (const [index, [name, error]] of forgedConflicts.entries()) {
        const id = ledger.payments[index]?.id ?? ''
        const before = await note(ledger, victim)
        before.ordered.add(id)
        victim.liar.lie({ answer: refused(error) })
        await editTransaction(victim.page, name, { amount: '21.21' })
        await eventually(() => {
          expect(victim.liar.posted.length).toBeGreaterThan(before.posted)
          return Promise.resolve()
        })
        await expectKept(before, victim)
        await expectNothingSent({ ...before, ordered: new Set() }, ledger, {
          ...victim,
          liar: { ...victim.liar, posted: [] },
        })

        // Whatever the liar said: the change goes out, or the person is asked, and then it does.
        victim.liar.beHonest()
        await settleWithMine(victim, `Transaction “${name}”`)
        await expectAmount(ledger, id, -2_121n)
        await expectListed(victim, name, '21.21')
        await editTransaction(victim.page, name, { amount: '31.31' })
        await expectAmount(ledger, id, -3_131n)
      }
      await expectWorks(await note(ledger, victim), ledger, victim)
      await expectState(victim, /Up to date/)
    })
  })

  const swallows: readonly (readonly [string, (scene: Scene) => Promise<void>, string])[] = [
    [
      'an edit',
      ({ victim }) => editTransaction(victim.page, 'Bakery', { amount: '21.21' }),
      'Bakery',
    ],
    [
      'a new row',
      ({ victim }) => addTransaction(victim.page, { amount: '5.55', payee: 'New one' }),
      'New one',
    ],
    ['a delete', ({ victim }) => deleteTransaction(victim.page, 'Bakery'), 'Bakery'],
  ]
  it.each(swallows)('"applied", and %s is thrown away', async (what, change, payee) => {
    await playScene(stage(), payees, async (scene) => {
      const { ledger, victim } = scene
      const before = await note(ledger, victim)
      victim.liar.lie({ answer: swallowed })
      await change(scene)
      await expectProblem(
        victim,
        /confirmed that it stored|it was deleted, and the server has it again/i,
        `Transaction “${payee}”`,
      )
      victim.liar.beHonest()
      await pressInProblem(victim, `Transaction “${payee}”`, /^(Send again|Delete it again)$/)
      if (what === 'a delete') {
        const id = ledger.payments[0]?.id ?? ''
        await eventually(async () => expect(await ledger.stored('transactions', id)).toBeNull())
        expect(await transactionRow(victim.page, payee).count()).toBe(0)
      } else if (what === 'an edit') {
        await expectAmount(ledger, ledger.payments[0]?.id ?? '', -2_121n)
        await expectListed(victim, 'Bakery', '21.21')
      } else {
        await expectListed(victim, 'New one', '5.55')
      }
      await expectState(victim, /Up to date/)
      await expectWorks(before, ledger, victim)
    })
  })

  it('"applied", and half of it is thrown away', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const before = await note(ledger, victim)
      victim.liar.lie({ answer: halfSwallowed })
      for (const payee of ['One', 'Two']) {
        await addTransaction(victim.page, { amount: '5.55', payee })
      }
      await expectProblem(victim, /confirmed that it stored/)
      await expectListed(victim, 'One', '5.55')
      await expectListed(victim, 'Two', '5.55')
      await expectWorks(before, ledger, victim)
    })
  })
})

function refusedAt(index: number): AnswerLie {
  return made(uploadPath, () => ({
    status: 200,
    body: { applied: 0, errors: [{ index, table: 't', id: 'i', code: 'forbidden', detail: '' }] },
  }))
}
