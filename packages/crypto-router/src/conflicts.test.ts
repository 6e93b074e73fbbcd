import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { countConflicts, readConflicts, type Choice } from './conflicts.ts'
import { resolveConflict } from './decisions.ts'
import { readRowFaults } from './faults.ts'
import { readRouterProgress } from './journal.ts'
import {
  DeviceLab,
  newWorkspaceKeys,
  otherPersonId,
  personId,
  workspaceId,
  type Device,
} from './testing/device.ts'
import { count, dumpTable, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const id = rowId(1)
const baseAmount = 9_007_199_254_740_991n

interface Pair {
  readonly server: MiniServer
  readonly a: Device
  readonly b: Device
}

async function agreedDevices(): Promise<Pair> {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const a = await lab.open({ server, keys })
  const b = await lab.open({ server, keys, authorId: otherPersonId })
  await insertTransaction(a.db, id, { payee: 'Base', amount: baseAmount })
  await settleAll({ server, a, b })
  return { server, a, b }
}

/** Until nobody has anything left to send or to open. */
async function settleAll({ a, b }: Pair): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const device of [a, b]) {
      await device.router.drain()
      await device.link.offerAndSync()
      await device.router.drain()
    }
  }
}

async function offer(device: Device): Promise<void> {
  await device.router.drain()
  await device.link.offerAndSync()
  await device.router.drain()
}

/** The two ways to meet a conflict. B's change is the later one. */
const ways: [string, (pair: Pair, mine: string) => Promise<void>][] = [
  [
    'while the change waits unsealed',
    async ({ b }, mine) => {
      await b.db.execute(mine)
      await b.link.sync()
      await b.router.drain()
    },
  ],
  [
    'after the change was sealed, from the server',
    async ({ b }, mine) => {
      await b.db.execute(mine)
      await offer(b)
    },
  ],
]

async function clash(meet: (typeof ways)[0][1], mine: string, theirs: string): Promise<Pair> {
  const pair = await agreedDevices()
  await pair.a.db.execute(theirs)
  await offer(pair.a)
  await meet(pair, mine)
  return pair
}

const set = (change: string) => `UPDATE transactions SET ${change}, updated_at = updated_at + 1`
const payee = (text: string) => set(`payee = '${text}'`)
const remove = 'DELETE FROM transactions'
const payees = (device: Device) => device.db.getAll('SELECT payee FROM transactions')

async function expectAgreement(pair: Pair): Promise<Record<string, unknown>[]> {
  await settleAll(pair)
  const { a, b } = pair
  const rows = await dumpTable(a.db, 'transactions')
  expect(await dumpTable(b.db, 'transactions')).toEqual(rows)
  for (const { db } of [a, b]) {
    expect(await readRowFaults(db)).toEqual([])
    expect(await readRouterProgress(db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
  }
  return rows
}

async function decide(pair: Pair, choice: Choice): Promise<void> {
  const [conflict] = await readConflicts(pair.b.db)
  await resolveConflict(pair.b.db, conflict!.conflictId, choice, 1_700_000_001_000)
  expect(await countConflicts(pair.b.db)).toBe(0)
}

describe.each(ways)('a row changed on both sides, %s', (_, meet) => {
  it('merges different fields by itself, digit by digit', async () => {
    const pair = await clash(
      meet,
      payee('Mine'),
      set(`note = 'Theirs', occurred_on = '2026-01-31'`),
    )
    expect(await countConflicts(pair.b.db)).toBe(0)
    const [row] = await expectAgreement(pair)
    expect(row).toMatchObject({
      payee: 'Mine',
      note: 'Theirs',
      occurred_on: '2026-01-31',
      amount: baseAmount.toString(),
    })
  })

  it('shows theirs and keeps mine where both changed one field, and sends only the rest', async () => {
    const pair = await clash(meet, set(`payee = 'Mine', note = 'Mine'`), payee('Theirs'))
    const conflicts = await readConflicts(pair.b.db)
    expect(conflicts).toMatchObject([
      {
        table: 'transactions',
        id,
        workspaceId,
        mine: { payee: 'Mine', amount: baseAmount },
        theirs: { payee: 'Theirs' },
        authorId: personId,
        fields: [['payee']],
      },
    ])
    const [row] = await expectAgreement(pair)
    expect(row).toMatchObject({ payee: 'Theirs', note: 'Mine' })
    expect(await countConflicts(pair.a.db)).toBe(0)
  })

  it.each<[Choice, string]>([
    ['mine', 'Mine'],
    ['theirs', 'Theirs'],
  ])('ends with one value everywhere when the person keeps %s', async (choice, kept) => {
    const pair = await clash(meet, payee('Mine'), payee('Theirs'))
    await decide(pair, choice)
    expect(await expectAgreement(pair)).toMatchObject([
      { payee: kept, amount: baseAmount.toString() },
    ])
  })

  it('keeps an edit of a row that was deleted elsewhere, and can bring it back', async () => {
    const pair = await clash(meet, payee('Mine'), remove)
    expect(await payees(pair.b)).toEqual([])
    expect(await readConflicts(pair.b.db)).toMatchObject([
      { theirs: null, mine: { payee: 'Mine' }, fields: [] },
    ])
    await decide(pair, 'mine')
    expect(await expectAgreement(pair)).toMatchObject([{ payee: 'Mine' }])
  })

  it('keeps a delete of a row that was edited elsewhere, and can do it again', async () => {
    const pair = await clash(meet, remove, payee('Theirs'))
    expect(await payees(pair.b)).toEqual([{ payee: 'Theirs' }])
    expect(await readConflicts(pair.b.db)).toMatchObject([{ mine: null }])
    await decide(pair, 'mine')
    expect(await expectAgreement(pair)).toEqual([])
  })

  it.each([
    ['the same edit', payee('Same'), payee('Same')],
    ['a delete on both sides', remove, remove],
    ['an edit that was taken back', set('payee = payee'), payee('Theirs')],
    ['a delete of what was only touched', remove, set('payee = payee')],
    ['a touch of what was deleted', set('payee = payee'), remove],
  ])('is no conflict after %s', async (_, mine, theirs) => {
    const pair = await clash(meet, mine, theirs)
    expect(await readConflicts(pair.b.db)).toEqual([])
    await expectAgreement(pair)
  })

  it('keeps both of two conflicts of one row', async () => {
    const pair = await clash(meet, payee('Mine 1'), payee('Theirs 1'))
    await pair.a.db.execute(payee('Theirs 2'))
    await offer(pair.a)
    await meet(pair, payee('Mine 2'))
    const mine = (await readConflicts(pair.b.db)).map((conflict) => conflict.mine?.['payee'])
    expect(mine).toEqual(['Mine 2', 'Mine 1'])
  })
})

describe('a sealed change that the server answered with conflict', () => {
  it('is one with the changes made after it, sealed or not', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    await a.db.execute(set(`occurred_on = '2026-02-02'`))
    await offer(a)
    for (const change of [payee('Mine'), set(`note = 'Mine'`), payee('Mine again')]) {
      await b.db.execute(change)
      await b.router.drain()
    }
    await b.db.execute(set(`status = 'pending'`))
    while (await b.link.offerTransaction());
    // Until the server's row is here nothing is sealed on top of what was refused.
    expect(await b.router.drain()).toMatchObject({ pendingSeal: 1 })
    expect(await count(b.db, 'ps_crud')).toBe(0)
    expect(await expectAgreement(pair)).toMatchObject([
      {
        payee: 'Mine again',
        note: 'Mine',
        status: 'pending',
        occurred_on: '2026-02-02',
        amount: baseAmount.toString(),
      },
    ])
    expect(await countConflicts(b.db)).toBe(0)
  })

  it('is taken back once, however often the answer comes', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    await a.db.execute(set(`note = 'Theirs'`))
    await offer(a)
    await b.db.execute(payee('Mine'))
    await b.router.drain()
    await b.link.offerTransaction('die-before-complete')
    await b.db.execute(set(`status = 'pending'`))
    await b.link.offerTransaction('die-before-complete')
    const [row] = await expectAgreement(pair)
    expect(row).toMatchObject({ payee: 'Mine', note: 'Theirs', status: 'pending' })
  })

  it('is an edit and then a delete of a row that was edited elsewhere', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    await a.db.execute(payee('Theirs'))
    await offer(a)
    await b.db.execute(payee('Mine'))
    await b.router.drain()
    await b.db.execute(remove)
    await offer(b)
    expect(await readConflicts(b.db)).toMatchObject([{ mine: null, theirs: { payee: 'Theirs' } }])
    expect(await expectAgreement(pair)).toMatchObject([{ payee: 'Theirs' }])
  })

  it('is nothing when both sides deleted the row in the end', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    await a.db.execute(remove)
    await offer(a)
    await b.db.execute(payee('Mine'))
    await b.router.drain()
    await b.db.execute(remove)
    await offer(b)
    expect(await readConflicts(b.db)).toEqual([])
    expect(await expectAgreement(pair)).toEqual([])
  })

  it('does not wait for a row that is gone on both sides, and was written again here', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    await a.db.execute(remove)
    await offer(a)
    for (const change of [payee('Mine'), remove]) {
      await b.db.execute(change)
      await b.router.drain()
    }
    await insertTransaction(b.db, id, { payee: 'Again' })
    while (await b.link.offerTransaction());
    await b.link.sync()
    expect(await b.router.drain()).toMatchObject({ pendingSeal: 0 })
    expect(await readConflicts(b.db)).toMatchObject([{ mine: { payee: 'Again' }, theirs: null }])
    expect(await expectAgreement(pair)).toEqual([])
  })

  it('does not wait for a row that was deleted elsewhere before it came', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    await a.db.execute(payee('Theirs'))
    await offer(a)
    for (const change of [payee('Mine'), remove]) {
      await b.db.execute(change)
      await b.router.drain()
    }
    while (await b.link.offerTransaction());
    await a.db.execute(remove)
    await offer(a)
    await b.link.sync()
    expect(await b.router.drain()).toMatchObject({ pendingSeal: 0 })
    expect(await readConflicts(b.db)).toEqual([])
    expect(await expectAgreement(pair)).toEqual([])
  })

  it('brings a row back that was edited and deleted elsewhere meanwhile, when kept', async () => {
    const pair = await agreedDevices()
    const { a, b } = pair
    for (const change of [payee('Unseen'), payee('Unseen too'), remove]) {
      await a.db.execute(change)
      await offer(a)
    }
    await b.db.execute(payee('Mine'))
    await b.link.sync()
    await b.router.drain()
    await decide(pair, 'mine')
    expect(await expectAgreement(pair)).toMatchObject([{ payee: 'Mine' }])
  })
})

describe('a refusal of another kind', () => {
  it('opens the stored row after sealed edits were refused, whatever their revision', async () => {
    const { a, b } = await agreedDevices()
    await a.db.execute(payee('Theirs'))
    await a.settle()
    for (const text of ['Mine', 'Mine again', 'Mine still']) {
      await b.db.execute(payee(text))
      await b.router.drain()
    }
    await b.link.uploadRefused()
    await b.settle()
    expect(await payees(b)).toEqual([{ payee: 'Theirs' }])
    expect(await readRowFaults(b.db)).toEqual([])
  })

  it('brings a row back whose delete was refused', async () => {
    const { a, b } = await agreedDevices()
    await b.db.execute(remove)
    await b.router.drain()
    await b.link.uploadRefused()
    await b.settle()
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
    expect(await count(b.db, 'transactions')).toBe(1)
  })
})
