import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editTransaction } from '../browser/ledger.ts'
import { eventually } from './eventually.ts'
import type { HonestLedger, Payment } from './honest-ledger.ts'
import {
  expectKept,
  expectListed,
  expectNothingSent,
  expectProblem,
  expectState,
  note,
} from './promises.ts'
import { lieAbout, rowLies } from './row-lies.ts'
import { openScene, useStage, type Scene } from './stage.ts'

/** One row a lie, on one device: what is left of one lie would be seen by all that follow. */
describe('the sync stream tells of a row', () => {
  const stage = useStage()
  let scene: Scene
  let ledger: HonestLedger

  beforeAll(async () => {
    scene = await openScene(
      stage(),
      rowLies.map((_, index) => `Payee ${index + 1} of all`),
    )
    ledger = scene.ledger
    // A second revision of each, so that there is an older one.
    for (const { id, amount } of ledger.payments) {
      await ledger.edit('transactions', id, { amount: amount - 1n })
    }
    await expectListed(scene.victim, lastOf(ledger.payments).payee, shown(lastOf(ledger.payments)))
    await expectState(scene.victim, /Up to date/)
  })
  afterAll(() => scene?.close())

  it.each(rowLies.map((lie, index) => ({ ...lie, index })))('$name', async (lie) => {
    const { victim } = scene
    const payment = ledger.payments[lie.index]
    const other = ledger.payments[(lie.index + 1) % ledger.payments.length]
    if (payment === undefined || other === undefined) throw new Error('no such payment')
    const before = await note(ledger, victim)

    victim.liar.lie({ op: lieAbout(lie, payment.id, other.id, ledger) })
    await ledger.edit('transactions', payment.id, { amount: -4_242n })
    await expectProblem(victim, lie.words, `Transaction “${payment.payee}”`)
    await expectKept(before, victim)
    await expectListed(victim, payment.payee, shown(payment))
    await expectNothingSent(before, ledger, victim)

    // The truth again: it is shown, and a change of it goes out.
    victim.liar.beHonest()
    await ledger.edit('transactions', payment.id, { amount: -5_151n })
    await expectListed(victim, payment.payee, '51.51')
    await expectState(victim, /Up to date/)
    await editTransaction(victim.page, payment.payee, { amount: '61.61' })
    await eventually(async () => {
      expect((await ledger.opened('transactions', payment.id))?.['amount']).toBe(-6_161n)
    })
    await expectState(victim, /Up to date/)
    await expectNothingSent({ ...before, ordered: new Set([payment.id]) }, ledger, victim)
  })
})

/** Its second revision as the list has it. */
function shown({ amount }: Payment): string {
  return ((1 - Number(amount)) / 100).toFixed(2)
}

function lastOf<T>(list: readonly T[]): T {
  const last = list.at(-1)
  if (last === undefined) throw new Error('the list is empty')
  return last
}
