import type { AbstractPowerSyncDatabase } from '@powersync/common'
import {
  continueRevision,
  readConflicts,
  resolveConflict,
  type CryptoRouter,
} from '@sealbook/crypto-router'
import { entityOf, isEntityTable } from '@sealbook/schema'
import { dismissProblem, keepMine, readProblems } from '@sealbook/sync-client'
import { seededRandom } from '../../browser/seeded-random.ts'
import type { Kept, RowText } from '../history.ts'
import type { Person } from './person.ts'
import { readRow } from './row-text.ts'

/** The person's versions that this device shows for a decision, and those they let go. */
export async function readKept(db: AbstractPowerSyncDatabase, device: number): Promise<Kept[]> {
  const open = await readOpen(db)
  const letGo = await db.getAll<{ tbl: string; id: string; row: string | null }>(
    'SELECT tbl, id, "row" FROM harness_let_go',
  )
  return [
    ...open.map(({ table, id, row }) => ({ device, table, id, row })),
    ...letGo.map(({ tbl, id, row }) => ({
      device,
      table: tbl,
      id,
      row: row === null ? null : (JSON.parse(row) as RowText),
    })),
  ]
}

/**
 * Settles one conflict or refusal, either way. What the person had before them is noted first, so
 * that a crash in between cannot hide it.
 */
export async function decide(
  db: AbstractPowerSyncDatabase,
  router: CryptoRouter,
  person: Person,
  chance: number,
): Promise<void> {
  const random = seededRandom(chance)
  // The screen does not change under the person's hand.
  await router.stop()
  try {
    const open = await readOpen(db)
    const next = open.filter(({ isNext }) => isNext)
    const chosen = next[Math.floor(random() * next.length)]
    if (chosen === undefined || !isEntityTable(chosen.table)) return
    const { table, id, row } = chosen
    await db.execute('INSERT INTO harness_let_go(tbl, id, "row") VALUES (?, ?, ?)', [
      table,
      id,
      row && JSON.stringify(row),
    ])
    const choice = random() < 0.6 ? 'mine' : 'theirs'
    const before = await readRow(db, entityOf(table), id)
    const seq = choice === 'mine' ? await person.announce(table, id, before, row) : null
    const kept = await settle(db, chosen, choice)
    if (!kept && seq !== null) await person.forget(seq)
  } finally {
    router.start()
  }
}

type Open = Omit<Kept, 'device'> & {
  readonly from: 'router' | 'upload'
  /** Of an upload's problem; 0 otherwise. */
  readonly problemId: number
  /** Of several conflicts of one row the newest is settled first. */
  readonly isNext: boolean
}

/** @returns whether it was settled; a refusal waits for the server's version first. */
async function settle(
  db: AbstractPowerSyncDatabase,
  { from, problemId, table, id }: Open,
  choice: 'mine' | 'theirs',
): Promise<boolean> {
  if (!isEntityTable(table)) return false
  if (from === 'router') {
    await resolveConflict(db, table, id, choice)
    return true
  }
  if (choice === 'mine') return (await keepMine(db, problemId, continueRevision)).ok
  await dismissProblem(db, problemId)
  return true
}

async function readOpen(db: AbstractPowerSyncDatabase): Promise<Open[]> {
  const conflicts = await readConflicts(db)
  const problems = await readProblems(db)
  const open: Open[] = []
  const rows = new Set<string>()
  for (const { table, id, mine } of conflicts) {
    const isNext = !rows.has(`${table}/${id}`)
    rows.add(`${table}/${id}`)
    open.push({ from: 'router', problemId: 0, isNext, table, id, row: await asText(db, mine) })
  }
  for (const { id: problemId, table, rowId: id, local } of problems) {
    const row = await asText(db, local)
    open.push({ from: 'upload', problemId, isNext: true, table, id, row })
  }
  return open
}

/** Every cell as text, by SQLite. */
async function asText(
  db: Pick<AbstractPowerSyncDatabase, 'get'>,
  json: string | null,
): Promise<RowText | null> {
  if (json === null) return null
  const { text } = await db.get<{ text: string }>(
    `SELECT json_group_object(key, CAST(value AS TEXT)) AS text FROM json_each(?)`,
    [json],
  )
  return JSON.parse(text) as RowText
}
