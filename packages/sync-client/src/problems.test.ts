import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConnector } from './connector.ts'
import { keepMine } from './keep-mine.ts'
import {
  countProblems,
  dropProblem,
  installProblems,
  readDropped,
  readProblems,
  reviseProblem,
  undropProblem,
} from './problems.ts'
import {
  applyServerRow,
  editAccount,
  openDevice,
  queueAccount,
  RecordedChanges,
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
const nowMs = 1_700_000_000_000
const changes = new RecordedChanges()
beforeEach(() => void (changes.base = null))

async function uploadRefused(): Promise<number> {
  const api = new ScriptedApi(() => refused(0))
  const connector = createConnector({ api, changes, now: () => 5, random: () => 0 })
  await connector.uploadData(db)
  return (await readProblems(db))[0]?.id ?? -1
}

/** An edit of the person's, which they had no right to make. */
async function refusedEdit(): Promise<number> {
  await applyServerRow(db, id, { revision: 1 })
  await writeLocalAccount(db, id, { name: 'mine', balance })
  await editAccount(db, id, 2)
  return uploadRefused()
}

/** What the server has: the next sync brings it. */
async function syncServerRow(row: { name: string; balance: bigint } | null): Promise<void> {
  await applyServerRow(db, id, row === null ? null : { revision: 1 })
  if (row === null) await db.execute('DELETE FROM accounts WHERE id = ?', [id])
  else await writeLocalAccount(db, id, row)
}

async function readLocal(): Promise<{ name: string; balance: string } | null> {
  return db.getOptional(
    `SELECT name, CAST(opening_balance AS TEXT) AS balance FROM accounts WHERE id = ?`,
    [id],
  )
}

const kept = { ok: true, value: undefined }
const notSynced = { ok: false, error: { kind: 'not-synced' } }

describe('keeping mine', () => {
  it('makes the change again, to the last digit, once the server’s row is here', async () => {
    const problem = await refusedEdit()
    await syncServerRow({ name: 'stored', balance: 1n })
    expect(await keepMine(db, problem, nowMs)).toEqual(kept)
    expect(await readLocal()).toEqual({ name: 'mine', balance: String(balance) })
    expect(await countProblems(db)).toBe(0)
  })

  it('leaves what the change did not touch as it is now', async () => {
    changes.base = `{"name":"stored","opening_balance":${balance},"currency":"EUR"}`
    const problem = await refusedEdit()
    await syncServerRow({ name: 'stored', balance: 7n })
    await db.execute(`UPDATE accounts SET note = 'of another member', sort_order = 3`)
    expect(await keepMine(db, problem, nowMs)).toEqual(kept)
    expect(await readLocal()).toEqual({ name: 'mine', balance: '7' })
    expect(await db.get('SELECT note, updated_at FROM accounts')).toEqual({
      note: 'of another member',
      updated_at: nowMs,
    })
  })

  it('waits for the server’s version', async () => {
    const problem = await refusedEdit()
    expect(await keepMine(db, problem, nowMs)).toEqual(notSynced)
    await syncServerRow({ name: 'stored', balance: 1n })
    await queueAccount(db, rowId(2))
    expect(await keepMine(db, problem, nowMs)).toEqual(notSynced)
    expect(await countProblems(db)).toBe(1)
  })

  it('writes an addition again that sync took away', async () => {
    await writeLocalAccount(db, id, { name: 'mine', balance })
    await queueAccount(db, id)
    const problem = await uploadRefused()
    await syncServerRow(null)
    expect(await keepMine(db, problem, nowMs)).toEqual(kept)
    expect(await readLocal()).toEqual({ name: 'mine', balance: String(balance) })
  })

  it('deletes again what sync brought back', async () => {
    await applyServerRow(db, id, { revision: 1 })
    await db.execute('DELETE FROM accounts_encrypt WHERE id = ?', [id])
    const problem = await uploadRefused()
    expect(await keepMine(db, problem, nowMs)).toEqual(notSynced)
    await syncServerRow({ name: 'stored', balance: 1n })
    expect(await keepMine(db, problem, nowMs)).toEqual(kept)
    expect(await readLocal()).toBeNull()
  })

  it('knows a problem only once', async () => {
    const problem = await refusedEdit()
    await syncServerRow({ name: 'stored', balance: 1n })
    await keepMine(db, problem, nowMs)
    expect(await keepMine(db, problem, nowMs)).toEqual({
      ok: false,
      error: { kind: 'unknown-problem' },
    })
  })
})

describe('dropping', () => {
  const day = 24 * 3_600_000

  it('keeps what is stored, and the change for as long as it can be taken up again', async () => {
    const problem = await refusedEdit()
    await syncServerRow({ name: 'stored', balance: 1n })
    await dropProblem(db, problem, nowMs)
    expect(await readProblems(db)).toEqual([])
    expect(await readLocal()).toEqual({ name: 'stored', balance: '1' })
    expect(await readDropped(db)).toMatchObject([{ id: problem, droppedAt: nowMs }])
    await queueAccount(db, rowId(2))
    await dropProblem(db, await uploadRefused(), nowMs + 29 * day)

    await undropProblem(db, problem)
    expect(await readDropped(db)).toHaveLength(1)
    expect(await keepMine(db, problem, nowMs)).toEqual(kept)
    expect(await readLocal()).toEqual({ name: 'mine', balance: String(balance) })
  })

  it('forgets it then, and leaves no trace once the queue has gone on', async () => {
    const problem = await refusedEdit()
    await dropProblem(db, problem, nowMs)
    await queueAccount(db, rowId(2))
    await dropProblem(db, await uploadRefused(), nowMs + 31 * day)
    const rows = await db.getAll('SELECT * FROM upload_problems')
    expect(JSON.stringify(rows)).not.toContain(String(balance))
    await undropProblem(db, problem)
    expect(await readProblems(db)).toEqual([])
    await queueAccount(db, rowId(3))
    await uploadRefused()
    const left = await db.getAll('SELECT row_id FROM upload_problems ORDER BY id')
    expect(left).toEqual([{ row_id: rowId(2) }, { row_id: rowId(3) }])
  })
})

describe('revising', () => {
  it('sends what the draft is then, to the last digit, and nothing else of it', async () => {
    changes.base = `{"name":"stored","opening_balance":1,"currency":"EUR"}`
    const problem = await refusedEdit()
    await syncServerRow({ name: 'stored', balance: 1n })
    await reviseProblem(db, problem, { name: 'shorter', opening_balance: balance + 1n })
    expect(await countProblems(db)).toBe(1)
    expect(await keepMine(db, problem, nowMs)).toEqual(kept)
    expect(await readLocal()).toEqual({ name: 'shorter', balance: String(balance + 1n) })
    await reviseProblem(db, problem, { name: 'too late' })
    expect(await db.getAll('SELECT local FROM upload_problems')).toEqual([{ local: null }])
  })
})

describe('the table of problems', () => {
  it('is installed at every open, and keeps what it has', async () => {
    await refusedEdit()
    await installProblems(db)
    expect(await countProblems(db)).toBe(1)
  })

  it('is taken over from an earlier version of the app', async () => {
    await db.execute('DROP TABLE upload_problems')
    await db.execute(
      `CREATE TABLE upload_problems(
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tbl TEXT NOT NULL, row_id TEXT NOT NULL,
        op TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, mine TEXT, seal TEXT,
        current TEXT, current_told INTEGER NOT NULL, deleted_revision INTEGER, local TEXT,
        settled INTEGER NOT NULL DEFAULT 0)`,
    )
    await db.execute(
      `INSERT INTO upload_problems(id, at, tbl, row_id, op, code, detail, current_told, local)
        VALUES (99, 2, 'accounts', ?, 'PUT', 'conflict', '', 0, '{"name":"mine"}')`,
      [id],
    )
    await installProblems(db)
    expect(await readProblems(db)).toMatchObject([{ id: 99, local: '{"name":"mine"}', base: null }])
    await queueAccount(db, rowId(2))
    await uploadRefused()
    expect(await countProblems(db)).toBe(2)
  })

  it('lists the newest first', async () => {
    await queueAccount(db, rowId(5))
    await uploadRefused()
    await queueAccount(db, rowId(6))
    await uploadRefused()
    expect((await readProblems(db)).map((problem) => problem.rowId)).toEqual([rowId(6), rowId(5)])
  })
})
