import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConnector } from './connector.ts'
import { keepMine, type ContinueRevision } from './keep-mine.ts'
import { countProblems, dismissProblem, installProblems, readProblems } from './problems.ts'
import type { Refusal } from './api.ts'
import {
  applyServerRow,
  editAccount,
  openDevice,
  queueAccount,
  refused,
  rowId,
  ScriptedApi,
  writeLocalAccount,
} from './testing.ts'

let db: AbstractPowerSyncDatabase
let close: () => Promise<void>
beforeEach(async () => ({ db, close } = await openDevice()))
afterEach(() => close())

const id = rowId(1)
const balance = 9_007_199_254_740_993n
const continued: unknown[] = []
const continueRevision: ContinueRevision = (_tx, table, row, revision) => {
  continued.push([table, row, revision])
  return Promise.resolve()
}
beforeEach(() => void continued.splice(0))

async function uploadRefused(refusal: Partial<Refusal>): Promise<number> {
  const api = new ScriptedApi(() => refused(0, refusal))
  const connector = createConnector({ api, now: () => 5, random: () => 0 })
  await connector.uploadData(db)
  return (await readProblems(db))[0]?.id ?? -1
}

/** An edit of the person's, refused because of a later one elsewhere. */
async function conflictingEdit(): Promise<number> {
  await applyServerRow(db, id, { revision: 1 })
  await writeLocalAccount(db, id, { name: 'mine', balance })
  await editAccount(db, id, 2)
  return uploadRefused({ code: 'conflict', current: { revision: 3, seal: 'server 3' } })
}

async function readLocal(): Promise<{ name: string; balance: string } | null> {
  return db.getOptional(
    `SELECT name, CAST(opening_balance AS TEXT) AS balance FROM accounts WHERE id = ?`,
    [id],
  )
}

describe('keeping mine', () => {
  it('writes the person’s row again, to the last digit, once the server’s is here', async () => {
    const problem = await conflictingEdit()
    await applyServerRow(db, id, { revision: 3 })
    await writeLocalAccount(db, id, { name: 'theirs', balance: 1n })
    expect(await keepMine(db, problem, continueRevision)).toEqual({ ok: true, value: undefined })
    expect(await readLocal()).toEqual({ name: 'mine', balance: String(balance) })
    expect(await countProblems(db)).toBe(0)
    expect(continued).toEqual([])
  })

  it('waits for the server’s version', async () => {
    const problem = await conflictingEdit()
    const notSynced = { ok: false, error: { kind: 'not-synced' } }
    expect(await keepMine(db, problem, continueRevision)).toEqual(notSynced)
    await applyServerRow(db, id, { revision: 3 })
    await queueAccount(db, rowId(2))
    expect(await keepMine(db, problem, continueRevision)).toEqual(notSynced)
    expect(await countProblems(db)).toBe(1)
  })

  it('brings back a row that was deleted elsewhere, counting on from its delete', async () => {
    await applyServerRow(db, id, { revision: 1 })
    await writeLocalAccount(db, id, { name: 'mine', balance })
    await editAccount(db, id, 2)
    const problem = await uploadRefused({ code: 'conflict', current: null, deletedRevision: 7 })
    await applyServerRow(db, id, null)
    await db.execute('DELETE FROM accounts WHERE id = ?', [id])
    expect((await keepMine(db, problem, continueRevision)).ok).toBe(true)
    expect(await readLocal()).toEqual({ name: 'mine', balance: String(balance) })
    expect(continued).toEqual([['accounts', id, 7]])
  })

  it('deletes again what was deleted here and edited elsewhere', async () => {
    await applyServerRow(db, id, { revision: 1 })
    await db.execute('DELETE FROM accounts_encrypt WHERE id = ?', [id])
    const problem = await uploadRefused({ code: 'conflict', current: { revision: 2 } })
    expect(await keepMine(db, problem, continueRevision)).toEqual({
      ok: false,
      error: { kind: 'not-synced' },
    })
    await applyServerRow(db, id, { revision: 2 })
    await writeLocalAccount(db, id, { name: 'theirs', balance: 1n })
    expect((await keepMine(db, problem, continueRevision)).ok).toBe(true)
    expect(await readLocal()).toBeNull()
  })

  it('knows a problem only once', async () => {
    const problem = await conflictingEdit()
    await applyServerRow(db, id, { revision: 3 })
    await keepMine(db, problem, continueRevision)
    expect(await keepMine(db, problem, continueRevision)).toEqual({
      ok: false,
      error: { kind: 'unknown-problem' },
    })
  })
})

describe('dismissing', () => {
  it('keeps theirs and nothing of what was typed', async () => {
    const problem = await conflictingEdit()
    await writeLocalAccount(db, id, { name: 'theirs', balance: 1n })
    await dismissProblem(db, problem)
    expect(await readProblems(db)).toEqual([])
    expect(await readLocal()).toEqual({ name: 'theirs', balance: '1' })
    const rows = await db.getAll('SELECT * FROM upload_problems')
    expect(JSON.stringify(rows)).not.toContain(String(balance))
  })

  it('leaves no trace once the queue has gone on', async () => {
    await dismissProblem(db, await conflictingEdit())
    await queueAccount(db, rowId(2))
    await uploadRefused({})
    const rows = await db.getAll<{ row_id: string }>('SELECT row_id FROM upload_problems')
    expect(rows).toEqual([{ row_id: rowId(2) }])
  })
})

describe('the table of problems', () => {
  it('is installed at every open, and keeps what it has', async () => {
    await conflictingEdit()
    await installProblems(db)
    expect(await countProblems(db)).toBe(1)
  })

  it('lists the newest first', async () => {
    await queueAccount(db, rowId(5))
    await uploadRefused({})
    await queueAccount(db, rowId(6))
    await uploadRefused({})
    expect((await readProblems(db)).map((problem) => problem.rowId)).toEqual([rowId(6), rowId(5)])
  })
})
