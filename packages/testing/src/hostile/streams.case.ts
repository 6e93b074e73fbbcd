import { serverLivesTable } from '@sealbook/schema/powersync'
import { describe, expect, it } from 'vitest'
import { editTransaction, transactionRow } from '../browser/ledger.ts'
import { eventually } from './eventually.ts'
import type { MadeUpOp, Op, SealedRow, StreamTeller } from './stream-teller.ts'
import { target } from './row-lies.ts'
import {
  deleteTransaction,
  expectKept,
  expectListed,
  expectNothingSent,
  expectProblem,
  expectState,
  expectWorks,
  note,
  pressInProblem,
} from './promises.ts'
import { playScene, useStage } from './stage.ts'

const payees = ['Bakery', 'Museum', 'Tram']

describe.concurrent('the sync stream', () => {
  const stage = useStage()
  it('withholds a change: what was shown stays, and "Compare everything" does not say same', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const { page } = victim
      const [bakery] = ledger.payments
      const before = await note(ledger, victim)
      victim.liar.lie({ op: (op) => (op.object_id === bakery?.id ? [] : undefined) })
      await ledger.edit('transactions', bakery?.id ?? '', { amount: -4_242n })
      // What comes after the withheld one has come.
      const seen = await ledger.add('Carrier', -100n)
      before.ordered.add(seen.id)
      await expectListed(victim, 'Carrier', '1.00')
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)
      await page.keyboard.press('Control+Alt+d')
      await page.getByRole('button', { name: 'Compare everything' }).click()
      await page.getByText('1 row differs').waitFor()
      expect(await page.getByText(/^Nothing differs/).count()).toBe(0)
      await page.getByRole('button', { name: 'Repair all' }).click()
      await page
        .getByText(/fetched again/)
        .first()
        .waitFor()
      await expectWorks(before, ledger, victim)
      await expectListed(victim, 'Bakery', '42.42')
    })
  })

  it('says that everything was removed: it asks before it believes', async () => {
    const many = Array.from({ length: 30 }, (_, index) => `Payee ${index + 1} of all`)
    await playScene(stage(), many, async ({ ledger, victim }) => {
      const before = await note(ledger, victim)
      let isTold = false
      victim.liar.lie({
        op(op, row, told) {
          if (op.object_type !== target || row === null || isTold) return undefined
          isTold = true
          const known = told.ids(target).filter((id) => id !== op.object_id)
          return [{ ...op, data: op.data }, ...known.map((id): MadeUpOp => told.remove(target, id))]
        },
      })
      const carrier = await ledger.add('Carrier', -100n)
      before.ordered.add(carrier.id)
      await expectState(victim, /problem/)
      await expectKept(before, victim)
      await expectListed(victim, 'Payee 30 of all', '42.19')
      await expectNothingSent(before, ledger, victim)
      await expectWorks(before, ledger, victim)
    })
  })

  it('sends a deleted row again: it stays deleted, or it is asked about', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const { page } = victim
      const bakery = ledger.payments[0]?.id ?? ''
      await deleteTransaction(page, 'Bakery')
      await eventually(async () => expect(await ledger.stored('transactions', bakery)).toBeNull())
      await expectState(victim, /Up to date/)
      const before = await note(ledger, victim)
      victim.liar.lie({
        op(op, row, told) {
          if (op.object_type !== target || row === null) return undefined
          const last = told.versions(target, bakery).at(-1) ?? {}
          return [{ ...op, data: op.data }, told.put(target, bakery, last)]
        },
      })
      const carrier = await ledger.add('Carrier', -100n)
      before.ordered.add(carrier.id)
      await expectListed(victim, 'Carrier', '1.00')
      await expectProblem(victim, /delete/i, 'Transaction “Bakery”')
      await expectKept(before, victim)
      expect(await transactionRow(page, 'Bakery').count()).toBe(0)
      await expectNothingSent(before, ledger, victim)
      await expectWorks(before, ledger, victim)
    })
  })

  it('sends another seal of the same revision: both are kept, and it is asked about', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const bakery = ledger.payments[0]?.id ?? ''
      const before = await note(ledger, victim)
      const values = await ledger.opened('transactions', bakery)
      const twin = ledger.seal('transactions', bakery, { ...values, amount: -4_242n }, 1)
      victim.liar.lie({
        op(op, row, told) {
          if (op.object_type !== target || row === null) return undefined
          const last = told.versions(target, bakery).at(-1)
          return [{ ...op, data: op.data }, told.put(target, bakery, { ...last, ...twin })]
        },
      })
      const carrier = await ledger.add('Carrier', -100n)
      before.ordered.add(carrier.id)
      await expectListed(victim, 'Carrier', '1.00')
      await expectProblem(victim, /10\.00[\s\S]*42\.42|42\.42[\s\S]*10\.00/, 'Transaction “Bakery”')
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)
      await expectWorks(before, ledger, victim)
    })
  })

  it('forges a break in its memory: alone it means nothing, and with it nothing counts as deleted', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const bakery = ledger.payments[0]?.id ?? ''
      const before = await note(ledger, victim)
      /** Comes in one checkpoint with the server's life, which the liar tells otherwise. */
      const addAway = async (payee: string, amount: bigint) => {
        const positions = () =>
          stage().pool.query<{ sum: string }>('SELECT sum(position) AS sum FROM server_lives')
        const [{ sum } = { sum: '' }] = (await positions()).rows
        victim.liar.cut()
        const { id } = await ledger.add(payee, amount)
        before.ordered.add(id)
        await eventually(async () => expect((await positions()).rows[0]?.sum).not.toBe(sum))
        victim.liar.mend()
        await victim.reconnect()
      }
      const goneBack = (op: Op, row: SealedRow | null, told: StreamTeller) =>
        op.object_type === serverLivesTable && row !== null
          ? [told.put(serverLivesTable, op.object_id ?? '', { ...row, position: 0 })]
          : undefined
      victim.liar.lie({ op: goneBack })
      await addAway('First carrier', -100n)
      await expectListed(victim, 'First carrier', '1.00')
      await expectKept(before, victim)
      await expectState(victim, /Up to date/)

      victim.liar.lie({
        op(op, row, told) {
          if (row === null) return undefined
          if (op.object_type === serverLivesTable) {
            return [told.remove(serverLivesTable, op.object_id ?? '')]
          }
          if (op.object_type !== target) return undefined
          return [{ ...op, data: op.data }, told.remove(target, bakery)]
        },
      })
      await addAway('Second carrier', -200n)
      await expectListed(victim, 'Second carrier', '2.00')
      await expectProblem(victim, /earlier state/, 'Transaction “Bakery”')
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)

      victim.liar.beHonest()
      before.ordered.add(bakery)
      await ledger.edit('transactions', bakery, { amount: -4_242n })
      await expectProblem(victim, /42\.42/, 'Transaction “Bakery”')
      await expectListed(victim, 'Bakery', '10.00')
      await pressInProblem(victim, 'Transaction “Bakery”', /Let it go/)
      await expectListed(victim, 'Bakery', '42.42')
      await expectState(victim, /Up to date/)
      await expectWorks(before, ledger, victim)
    })
  })

  it('writes rows of tables that are none of its own: nothing comes of them', async () => {
    await playScene(stage(), payees, async ({ ledger, victim }) => {
      const before = await note(ledger, victim)
      const foreign = [
        'transactions',
        'accounts',
        'ps_crud',
        'router_seen',
        'router_control',
        'upload_problems',
        'evil',
      ]
      victim.liar.lie({
        op(op, row) {
          if (op.object_type !== target || row === null) return undefined
          const plain = { ...row, amount: -999_999, payee: 'Made up', mute: 1, note: 'Made up' }
          const made = foreign.map((table): MadeUpOp => {
            const id = ledger.payments[0]?.id ?? ''
            return {
              ...{ op: 'PUT', object_type: table, object_id: id, subkey: 'made-up' },
              data: JSON.stringify(plain),
            }
          })
          return [{ ...op, data: op.data }, ...made]
        },
      })
      const carrier = await ledger.add('Carrier', -100n)
      before.ordered.add(carrier.id)
      await expectListed(victim, 'Carrier', '1.00')
      await expectKept(before, victim)
      await expectNothingSent(before, ledger, victim)
      await expectWorks(before, ledger, victim)
    })
  })

  const broken: readonly (readonly [
    string,
    (line: Readonly<Record<string, unknown>>) => readonly unknown[],
  ])[] = [
    ['a sum that is wrong', (line) => [withSums(line, (sum) => sum + 1)]],
    ['no end of a checkpoint', (line) => ('checkpoint_complete' in line ? [] : [line])],
    ['lines that are none', () => [{ nonsense: true }, 7, 'text']],
    ['a position that goes back', (line) => [withPosition(line, '1')]],
    ['a position beyond all', (line) => [withPosition(line, '9223372036854775807')]],
    ['an end of the token, without end', (line) => [line, { token_expires_in: 0 }]],
  ]
  it.each(broken)(
    'has %s: the ledger stays as it is and goes on with the truth',
    async (_, line) => {
      await playScene(stage(), payees, async ({ ledger, victim }) => {
        const before = await note(ledger, victim)
        victim.liar.lie({ line })
        await victim.reconnect()
        await editTransaction(victim.page, 'Museum', { amount: '21.21' })
        before.ordered.add(ledger.payments[1]?.id ?? '')
        await expectListed(victim, 'Museum', '21.21')
        await expectListed(victim, 'Bakery', '10.00')
        await expectKept(before, victim)
        await expectNothingSent(before, ledger, victim)
        await expectWorks(before, ledger, victim)
        await eventually(async () => {
          const row = await ledger.opened('transactions', ledger.payments[1]?.id ?? '')
          expect(row?.['amount']).toBe(-2_121n)
        })
        await expectState(victim, /Up to date/)
      })
    },
  )
})

type Line = Readonly<Record<string, unknown>>

function withSums(line: Line, change: (sum: number) => number): Line {
  const checkpoint = line['checkpoint'] as { buckets: { checksum: number }[] } | undefined
  if (checkpoint === undefined) return line
  const buckets = checkpoint.buckets.map((bucket) => ({
    ...bucket,
    checksum: change(bucket.checksum) % 2 ** 32,
  }))
  return { checkpoint: { ...checkpoint, buckets } }
}

function withPosition(line: Line, position: string): Line {
  return Object.fromEntries(
    Object.entries(line).map(([kind, value]) => [
      kind,
      typeof value === 'object' ? { ...value, last_op_id: position } : value,
    ]),
  )
}
