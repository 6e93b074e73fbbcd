import { randomUUID } from 'node:crypto'
import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { recordDeed } from '@sealbook/crypto-router'
import { entities, type Entity, type EntityTable } from '@sealbook/schema'
import { seededRandom } from '../../browser/seeded-random.ts'
import type { Edit, RowText } from '../history.ts'
import { insertRow, readRow, updateRow, type Tx } from './row-text.ts'
import { makeChanges, makeRow, type ValueSource } from './values.ts'

export interface PersonDeps {
  readonly db: AbstractPowerSyncDatabase
  readonly device: number
  readonly devices: number
  readonly workspaceId: string
  readonly now: () => number
}

/** How often a person does what. A burst is many new rows in one transaction. */
const habits = [
  ['change', 0.5],
  ['create', 0.26],
  ['remove', 0.12],
  ['restore', 0.04],
  ['burst', 0.08],
] as const
type Habit = (typeof habits)[number][0]

const burstRows = 8
const largestToken = 60_000

/** Whoever sits at a device: edits what they see, and notes it in the same transaction. */
export class Person {
  readonly #deps: PersonDeps

  constructor(deps: PersonDeps) {
    this.#deps = deps
  }

  async install(): Promise<void> {
    await this.#deps.db.execute(
      `CREATE TABLE IF NOT EXISTS harness_edits(
        seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, tbl TEXT NOT NULL,
        id TEXT NOT NULL, before TEXT, after TEXT)`,
    )
    await this.#deps.db.execute(
      `CREATE TABLE IF NOT EXISTS harness_let_go(tbl TEXT NOT NULL, id TEXT NOT NULL, "row" TEXT)`,
    )
    await this.#deps.db.execute(
      'CREATE TABLE IF NOT EXISTS harness_sent_again(tbl TEXT NOT NULL, id TEXT NOT NULL)',
    )
  }

  /** One action; `chance` decides which, as far as the rows on this device allow. */
  async act(chance: number): Promise<void> {
    const random = seededRandom(chance)
    await this.#deps.db.writeTransaction(async (tx) => {
      const habit = choose(random)
      const done = await this.#do(habit, tx, random)
      if (!done) await this.#create(tx, random)
    })
  }

  /** Changes a row and keeps no note of it, so that nothing of the harness itself grows. */
  async editAgain(chance: number): Promise<void> {
    const random = seededRandom(chance)
    await this.#deps.db.writeTransaction(async (tx) => {
      const target = await this.#someRow(tx, random)
      if (target === null) return
      const { entity, id } = target
      const values = await this.#values(tx, random, entity, id)
      const token = chance % largestToken
      await updateRow(tx, entity, id, makeChanges(entity, { ...values, token }))
    })
  }

  /** Notes an edit that another piece of code is about to make. @returns what `forget` takes. */
  async announce(
    table: string,
    id: string,
    before: RowText | null,
    after: RowText | null,
  ): Promise<number> {
    const kind = after === null ? 'delete' : before === null ? 'restore' : 'change'
    const { insertId } = await this.#deps.db.execute(
      'INSERT INTO harness_edits(kind, tbl, id, before, after) VALUES (?, ?, ?, ?, ?)',
      [kind, table, id, before && JSON.stringify(before), after && JSON.stringify(after)],
    )
    if (insertId === undefined) throw new Error('SQLite tells the id of a new row')
    return insertId
  }

  /** It was not made. */
  async forget(edit: number): Promise<void> {
    await this.#deps.db.execute('DELETE FROM harness_edits WHERE seq = ?', [edit])
  }

  async edits(): Promise<Edit[]> {
    const rows = await this.#deps.db.getAll<{
      kind: Edit['kind']
      tbl: string
      id: string
      before: string | null
      after: string | null
    }>('SELECT * FROM harness_edits ORDER BY seq')
    const { device } = this.#deps
    return rows.map(({ kind, tbl: table, id, before, after }) => {
      return { device, kind, table, id, before: parse(before), after: parse(after) }
    })
  }

  #do(habit: Habit, tx: Tx, random: () => number): Promise<boolean> {
    switch (habit) {
      case 'create':
        return this.#create(tx, random)
      case 'burst':
        return this.#burst(tx, random)
      case 'change':
        return this.#change(tx, random)
      case 'remove':
        return this.#remove(tx, random)
      case 'restore':
        return this.#restore(tx, random)
    }
  }

  async #burst(tx: Tx, random: () => number): Promise<boolean> {
    for (let row = 0; row < burstRows; row++) await this.#create(tx, random)
    return true
  }

  async #create(tx: Tx, random: () => number): Promise<boolean> {
    const settings = entities[0]
    const { workspaceId } = this.#deps
    const hasSettings = (await readRow(tx, settings, workspaceId)) !== null
    // The first device makes the workspace, as the app does.
    if (!hasSettings && this.#deps.device === 0)
      return this.#insert(tx, settings, workspaceId, random)
    const others = entities.slice(1)
    const entity = others[Math.floor(random() * others.length)] ?? entities[1]
    if (await this.#insert(tx, entity, randomUUID(), random)) return true
    return this.#insert(tx, entities[1], randomUUID(), random)
  }

  async #insert(tx: Tx, entity: Entity, id: string, random: () => number): Promise<boolean> {
    const row = makeRow(entity, await this.#values(tx, random, entity, id))
    if (row === null) return false
    await insertRow(tx, entity, id, row)
    await this.#note(tx, 'create', entity, id, null)
    return true
  }

  async #change(tx: Tx, random: () => number): Promise<boolean> {
    const target = await this.#someRow(tx, random)
    if (target === null) return false
    const { entity, id, row } = target
    const changes = makeChanges(entity, await this.#values(tx, random, entity, id))
    await updateRow(tx, entity, id, changes)
    await this.#note(tx, 'change', entity, id, row)
    return true
  }

  async #remove(tx: Tx, random: () => number): Promise<boolean> {
    const target = await this.#someRow(tx, random)
    if (target === null || target.entity.table === 'workspace_settings') return false
    const { entity, id, row } = target
    await recordDeed(tx, entity.table as EntityTable, [id])
    await tx.execute(`DELETE FROM "${entity.table}" WHERE id = ?`, [id])
    await this.#note(tx, 'delete', entity, id, row)
    return true
  }

  /** Undo of a deletion. */
  async #restore(tx: Tx, random: () => number): Promise<boolean> {
    const deleted = await tx.getAll<{ tbl: string; id: string; before: string }>(
      `SELECT tbl, id, before FROM harness_edits WHERE kind = 'delete' AND before IS NOT NULL ORDER BY seq`,
    )
    const chosen = deleted[Math.floor(random() * deleted.length)]
    const entity = entities.find(({ table }) => table === chosen?.tbl)
    if (chosen === undefined || entity === undefined) return false
    if ((await readRow(tx, entity, chosen.id)) !== null) return false
    await insertRow(tx, entity, chosen.id, JSON.parse(chosen.before) as RowText)
    await this.#note(tx, 'restore', entity, chosen.id, null)
    return true
  }

  async #note(
    tx: Tx,
    kind: Edit['kind'],
    entity: Entity,
    id: string,
    before: RowText | null,
  ): Promise<void> {
    const after = await readRow(tx, entity, id)
    await tx.execute(
      'INSERT INTO harness_edits(kind, tbl, id, before, after) VALUES (?, ?, ?, ?, ?)',
      [kind, entity.table, id, before && JSON.stringify(before), after && JSON.stringify(after)],
    )
  }

  async #someRow(tx: Tx, random: () => number) {
    const all: { entity: Entity; id: string }[] = []
    for (const entity of entities) {
      const rows = await tx.getAll<{ id: string }>(`SELECT id FROM "${entity.table}" ORDER BY id`)
      for (const { id } of rows) all.push({ entity, id })
    }
    const chosen = all[Math.floor(random() * all.length)]
    if (chosen === undefined) return null
    const row = await readRow(tx, chosen.entity, chosen.id)
    return row === null ? null : { ...chosen, row }
  }

  async #values(tx: Tx, random: () => number, entity: Entity, id: string): Promise<ValueSource> {
    const { device, devices, workspaceId, now } = this.#deps
    const last = await tx.getAll<{ seq: number }>(
      'SELECT coalesce(max(seq), 0) AS seq FROM harness_edits',
    )
    const token = ((last[0]?.seq ?? 0) + 1) * devices + device
    const candidates = new Map<string, string | null>()
    for (const table of referencesOf(entity)) {
      candidates.set(table, await someReference(tx, random, entity, table, id))
    }
    const reference = (table: string) => candidates.get(table) ?? null
    return { random, token, now: now(), workspaceId, reference }
  }
}

function choose(random: () => number): Habit {
  let left = random()
  for (const [habit, share] of habits) {
    left -= share
    if (left < 0) return habit
  }
  return 'change'
}

function referencesOf(entity: Entity): Set<string> {
  return new Set(
    Object.values(entity.columns).flatMap((column) =>
      column.type === 'id' && column.references !== undefined ? [column.references] : [],
    ),
  )
}

/** Within one table never deeper than two, as the app has it. */
async function someReference(
  tx: Tx,
  random: () => number,
  entity: Entity,
  table: string,
  id: string,
): Promise<string | null> {
  const within = entity.table === table
  const isParent = within
    ? await tx.getOptional(`SELECT 1 FROM "${table}" WHERE parent_id = ?`, [id])
    : null
  if (isParent !== null) return null
  const rows = await tx.getAll<{ id: string }>(
    `SELECT id FROM "${table}" WHERE id <> ? ${within ? 'AND parent_id IS NULL' : ''} ORDER BY id`,
    [id],
  )
  return rows[Math.floor(random() * rows.length)]?.id ?? null
}

function parse(json: string | null): RowText | null {
  return json === null ? null : (JSON.parse(json) as RowText)
}
