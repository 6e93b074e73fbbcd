import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PostResult } from './api.ts'
import { dropProblem, readProblems } from './problems.ts'
import { connectScripted, queueMany } from './testing-connector.ts'
import {
  accepted,
  applyServerRow,
  countQueued,
  editAccount,
  openDevice,
  queueAccount,
  refused,
  rowId,
  sealOf,
  writeLocalAccount,
  type Script,
} from './testing.ts'

let db: AbstractPowerSyncDatabase
let close: () => Promise<void>
beforeEach(async () => ({ db, close } = await openDevice()))
afterEach(() => close())

const connect = (script: Script) => connectScripted(db, script)

describe('a refusal', () => {
  it('is kept with what was changed and on what, exact to the last digit', async () => {
    const { upload, changes } = connect(() => refused(0, { code: 'forbidden', detail: 'viewer' }))
    changes.base = '{"name":"Bag"}'
    const balance = 9_223_372_036_854_775_807n
    await writeLocalAccount(db, rowId(1), { name: 'Purse', balance })
    await queueAccount(db, rowId(1), { revision: 2 })
    await upload()
    expect(await countQueued(db)).toBe(0)
    const [problem, ...more] = await readProblems(db)
    expect(more).toEqual([])
    expect(problem).toMatchObject({
      at: 1_000_000,
      table: 'accounts',
      rowId: rowId(1),
      op: 'PUT',
      code: 'forbidden',
      detail: 'viewer',
      base: '{"name":"Bag"}',
    })
    expect(changes.takenBack).toEqual([])
    expect(problem?.local).toContain(`"opening_balance":${balance}`)
    expect(problem?.local).toContain('"name":"Purse"')
  })

  it('as a conflict is handed back with what it was made on, and is no problem', async () => {
    const { upload, changes } = connect((batch) => ({
      kind: 'answered',
      refusals: batch.flatMap((_, i) =>
        refusalsOf(
          refused(i, {
            code: 'conflict',
            current: i === 0 ? { revision: 4 } : null,
            deletedRevision: i === 0 ? null : 7,
          }),
        ),
      ),
    }))
    await applyServerRow(db, rowId(1), { revision: 3 })
    await db.writeTransaction(async (tx) => {
      await editAccount(tx, rowId(1), 4)
      await queueAccount(tx, rowId(2))
    })
    await upload()
    expect(await countQueued(db)).toBe(0)
    expect(await readProblems(db)).toEqual([])
    expect(changes.takenBack).toEqual([
      {
        table: 'accounts',
        rowId: rowId(1),
        baseSeal: 'server 3',
        seal: sealOf(rowId(1), 4),
        isGone: false,
        deletedRevision: null,
      },
      {
        table: 'accounts',
        rowId: rowId(2),
        baseSeal: null,
        seal: sealOf(rowId(2), 1),
        isGone: true,
        deletedRevision: 7,
      },
    ])
  })

  it('of one leaves the others applied', async () => {
    const { upload } = connect(() => refused(2))
    await queueMany(db, 5)
    await upload()
    expect((await readProblems(db)).map((problem) => problem.rowId)).toEqual([rowId(2)])
    expect(await countQueued(db)).toBe(0)
  })

  it('is kept in the second batch under its own row', async () => {
    const { upload } = connect((_, call) => (call === 2 ? refused(3) : accepted))
    await queueMany(db, 510)
    await upload()
    expect((await readProblems(db)).map((problem) => problem.rowId)).toEqual([rowId(503)])
  })

  it('is kept once when the crash comes before the queue is told, settled or not', async () => {
    const { upload, connector } = connect((batch) =>
      batch.length === 2
        ? { kind: 'answered', refusals: [0, 1].flatMap((i) => refusalsOf(refused(i))) }
        : accepted,
    )
    await queueMany(db, 2)
    const crashing = Object.create(db, {
      getNextCrudTransaction: {
        value: async () => {
          const transaction = await db.getNextCrudTransaction()
          if (transaction) transaction.complete = () => Promise.reject(new Error('killed'))
          return transaction
        },
      },
    }) as AbstractPowerSyncDatabase
    await expect(connector.uploadData(crashing)).rejects.toThrow('killed')
    const [newest] = await readProblems(db)
    expect(await countQueued(db)).toBe(2)
    await dropProblem(db, newest?.id ?? 0, 0)
    await upload()
    expect(await countQueued(db)).toBe(0)
    expect((await readProblems(db)).map((problem) => problem.rowId)).toEqual([rowId(0)])
  })
})

function refusalsOf(result: PostResult) {
  return result.kind === 'answered' ? result.refusals : []
}
