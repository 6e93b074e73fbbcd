import { describe, it } from 'vitest'
import { editTransaction } from '../browser/ledger.ts'
import { seededRandom } from '../browser/seeded-random.ts'
import { seedsOfCases } from './settings.ts'
import { uploadLies } from './answer-lies.ts'
import {
  expectAmount,
  expectKept,
  expectListed,
  expectListedOrAsked,
  expectNothingSent,
  expectProblem,
  expectState,
  expectWorks,
  note,
  settleWithMine,
} from './promises.ts'
import { lieAbout, rowLies } from './row-lies.ts'
import { playScene, useStage } from './stage.ts'

const rounds = 3
const payees = Array.from({ length: rounds * 2 }, (_, index) => `Payee ${index + 1} of all`)

describe.concurrent('lies at the same time', () => {
  const stage = useStage()

  it.each(seedsOfCases)(
    'about one row, and in answer to a change of another (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const pick = <T>(from: readonly T[]): T => {
        const chosen = from[Math.floor(random() * from.length)]
        if (chosen === undefined) throw new Error('nothing to choose from')
        return chosen
      }
      await playScene(stage(), payees, async ({ ledger, victim }) => {
        for (let round = 0; round < rounds; round++) {
          const [attacked, changed] = ledger.payments.slice(round * 2)
          if (attacked === undefined || changed === undefined) throw new Error('no payments')
          const rowLie = pick(rowLies)
          const [uploadLie, answer] = pick(uploadLies)
          console.log(`hostile: seed ${seed}: ${rowLie.name}; an upload is answered: ${uploadLie}`)
          // A second revision, so that there is an older one.
          await ledger.edit('transactions', attacked.id, { amount: -12_345n })
          await expectListed(victim, attacked.payee, '123.45')
          await expectState(victim, /Up to date/)
          const before = await note(ledger, victim)
          before.ordered.add(changed.id)

          victim.liar.lie({ op: lieAbout(rowLie, attacked.id, changed.id, ledger), answer })
          await editTransaction(victim.page, changed.payee, { amount: '77.77' })
          await ledger.edit('transactions', attacked.id, { amount: -4_242n })
          await expectProblem(victim, rowLie.words, `Transaction “${attacked.payee}”`)
          await expectKept(before, victim)
          await expectListed(victim, attacked.payee, '123.45')
          // In the list; or, once it was refused, among the problems.
          await expectListedOrAsked(victim, changed.payee, '77.77')
          await expectNothingSent(before, ledger, victim)

          victim.liar.beHonest()
          await victim.reconnect()
          await ledger.edit('transactions', attacked.id, { amount: -5_151n })
          await expectListed(victim, attacked.payee, '51.51')
          await settleWithMine(victim, `Transaction “${changed.payee}”`)
          await expectAmount(ledger, changed.id, -7_777n)
          await expectListed(victim, changed.payee, '77.77')
          await expectNothingSent(before, ledger, victim)
        }
        await expectWorks(await note(ledger, victim), ledger, victim)
      })
    },
  )
})
