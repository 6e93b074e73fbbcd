import type { AbstractPowerSyncDatabase } from '@powersync/common'
import {
  answerBrake,
  decideOwed,
  readBrakes,
  readConflicts,
  readOwed,
  resolveConflict,
  type CryptoRouter,
  type LocalValues,
} from '@sealbook/crypto-router'
import { changesOf, entityOf, isEntityTable, type EntityTable } from '@sealbook/schema'
import { dropProblem, keepMine, readProblems } from '@sealbook/sync-client'
import { seededRandom } from '../../browser/seeded-random.ts'
import type { Kept, RowText } from '../history.ts'
import type { Person } from './person.ts'
import { readRow } from './row-text.ts'

/** The person's versions that this device shows for a decision, and those they let go. */
export async function readKept(db: AbstractPowerSyncDatabase, device: number): Promise<Kept[]> {
  const open = [...(await readOpen(db)), ...(await readOwedRows(db))]
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
    const now = Date.now()
    await db.execute('INSERT INTO harness_let_go(tbl, id, "row") VALUES (?, ?, ?)', [
      table,
      id,
      row && JSON.stringify(row),
    ])
    const choice = random() < 0.6 ? 'mine' : 'theirs'
    const before = await readRow(db, entityOf(table), id)
    const seq =
      choice === 'mine'
        ? await person.announce(table, id, before, afterMine(table, chosen, before, now))
        : null
    const kept = await settle(db, chosen, choice, now)
    if (!kept && seq !== null) await person.forget(seq)
  } finally {
    router.start()
  }
}

/**
 * Sends everything again that the server lost, as the person asks for with one press. They saw both
 * versions, so that theirs is replaced by somebody who knew it. A delete that the server refused, as
 * of what is in use, they let go.
 */
export async function sendAgain(
  db: AbstractPowerSyncDatabase,
  router: CryptoRouter,
  person: Person,
): Promise<void> {
  await router.stop()
  try {
    for (const brake of await readBrakes(db)) await answerBrake(db, brake, 'delete')
    const refused = new Set((await readProblems(db)).map(({ table, rowId }) => `${table}/${rowId}`))
    for (const { table, id, row, theirs } of await readOwedRows(db)) {
      if (!isEntityTable(table)) continue
      // They are told why it cannot be deleted: pressing again would be refused again.
      if (row === null && refused.has(`${table}/${id}`)) {
        await decideOwed(db, table, id, 'theirs', Date.now())
        continue
      }
      await person.announce(table, id, theirs, row)
      await db.execute('INSERT INTO harness_sent_again(tbl, id) VALUES (?, ?)', [table, id])
      await decideOwed(db, table, id, 'mine', Date.now())
    }
  } finally {
    router.start()
  }
}

interface OwedRowText extends Omit<Kept, 'device'> {
  readonly theirs: RowText | null
}

async function readOwedRows(db: AbstractPowerSyncDatabase): Promise<OwedRowText[]> {
  const owed = await readOwed(db, mostOwed)
  return owed.map(({ table, id, mine, theirs }) => {
    return { table, id, row: toText(mine), theirs: toText(theirs) }
  })
}

const mostOwed = 1_000_000

type Open = Omit<Kept, 'device'> & {
  readonly from: 'router' | 'upload'
  /** Of a conflict, or of an upload's problem. */
  readonly number: number
  /** Columns that the decision is about; null: what mine changed of `base`. */
  readonly columns: readonly string[] | null
  readonly base: RowText | null
  /** Of several conflicts of one row the newest is settled first. */
  readonly isNext: boolean
}

/** The row that keeping mine is to leave: only what was refused is written again. */
function afterMine(
  table: EntityTable,
  { row: mine, base, columns }: Open,
  before: RowText | null,
  now: number,
): RowText | null {
  if (mine === null) return null
  const stamped = { updated_at: String(now) }
  if (before === null) return columns === null ? mine : { ...mine, ...stamped }
  const changed = columns ?? Object.keys(changesOf(entityOf(table), base, mine, before))
  const written = changed.map((name) => [name, mine[name] ?? null])
  return { ...before, ...(Object.fromEntries(written) as RowText), ...stamped }
}

/** @returns whether it was settled; a refusal waits for the server's version first. */
async function settle(
  db: AbstractPowerSyncDatabase,
  { from, number }: Open,
  choice: 'mine' | 'theirs',
  now: number,
): Promise<boolean> {
  if (from === 'router') {
    await resolveConflict(db, number, choice, now)
    return true
  }
  if (choice === 'mine') return (await keepMine(db, number, now)).ok
  await dropProblem(db, number, now)
  return true
}

async function readOpen(db: AbstractPowerSyncDatabase): Promise<Open[]> {
  const conflicts = await readConflicts(db)
  const problems = await readProblems(db)
  const open: Open[] = []
  const rows = new Set<string>()
  for (const { conflictId: number, table, id, mine, fields } of conflicts) {
    const isNext = !rows.has(`${table}/${id}`)
    rows.add(`${table}/${id}`)
    const columns = fields.length === 0 ? Object.keys(entityOf(table).columns) : fields.flat()
    const row = toText(mine)
    open.push({ from: 'router', number, columns, base: null, isNext, table, id, row })
  }
  for (const { id: number, table, rowId: id, local, base: made } of problems) {
    const row = await asText(db, local)
    const base = await asText(db, made)
    open.push({ from: 'upload', number, columns: null, base, isNext: true, table, id, row })
  }
  return open
}

function toText(values: LocalValues | null): RowText | null {
  if (values === null) return null
  const cells = Object.entries(values)
  return Object.fromEntries(cells.map(([name, cell]) => [name, cell === null ? null : `${cell}`]))
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
