import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { clearSyncedData } from './clear.ts'
import { unknownBase } from './bases.ts'
import { localStore, twinStore } from './layout.ts'
import type { TwinValues } from './rows.ts'
import { claimSchema } from './schema-version.ts'
import { shapes, type RowShape } from './shapes.ts'
import { quoteName, quoteText, selectCount, selectRows, type SqlTransaction } from './sql.ts'
import { deleteRank, inTriggers, outTriggers, upsertRank, type Trigger } from './triggers.ts'

/**
 * Creates the router's own tables and its triggers where they are missing or out of date. To be
 * called at every open, before the first local write and before connecting: PowerSync drops
 * triggers together with a table. Rows that were there before the triggers are noted, and a clear
 * that was interrupted is finished. Doing it again changes nothing. A database that a newer version
 * of the app has opened is left as it is: `newer-schema`.
 */
export async function installRouter(
  db: AbstractPowerSyncDatabase,
): Promise<'installed' | 'newer-schema'> {
  await db.waitForReady()
  const clearing = await db.writeTransaction(async (tx) => {
    if (!(await claimSchema(tx))) return null
    for (const statement of ownTables) await tx.execute(statement)
    await addOwnColumns(tx)
    for (const index of laterIndexes) await tx.execute(index)
    for (const shape of shapes) await installTriggers(tx, shape)
    return (await selectCount(tx, 'SELECT clearing FROM router_control')) === 1
  })
  if (clearing === null) return 'newer-schema'
  if (clearing) await clearSyncedData(db)
  return 'installed'
}

/** Columns that the router's tables have had only since a later version of the app. */
async function addOwnColumns(tx: SqlTransaction): Promise<void> {
  for (const [table, columns] of Object.entries(laterColumns)) {
    const present = await selectRows(tx, 'SELECT name FROM pragma_table_info(?)', [table])
    const names = new Set(present.map(([name]) => name))
    for (const [name, type] of Object.entries(columns)) {
      if (names.has(name)) continue
      await tx.execute(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`)
      if (table === 'router_out' && name === 'base') await markUnknownBases(tx)
    }
  }
}

/** Changes that an older version noted: what they were made on was not kept. */
async function markUnknownBases(tx: SqlTransaction): Promise<void> {
  for (const shape of shapes) {
    await tx.execute(
      `UPDATE router_out SET base = ${quoteText(unknownBase)}
        WHERE tbl = ? AND id IN (SELECT id FROM ${quoteName(twinStore(shape))})`,
      [shape.table],
    )
  }
}

async function installTriggers(tx: SqlTransaction, shape: RowShape): Promise<void> {
  const twin = await createTriggers(tx, inTriggers(shape))
  const local = await createTriggers(tx, outTriggers(shape))
  if (twin === 'current' && local === 'current') return
  // The triggers name every column: others than these mean that the app was upgraded.
  await adoptNewColumns(tx, shape)
  // A table without its triggers is new, or was out of the schema for a while, and then a
  // plaintext table has lost its rows: they are rebuilt from the twin.
  if (twin === 'missing' || local === 'missing') await noteUnwatchedTwinRows(tx, shape)
  if (local === 'missing') await noteUnwatchedLocalRows(tx, shape)
  await rankNotes(tx, shape)
}

/** @returns what was there before: `missing` when nothing was. */
async function createTriggers(
  tx: SqlTransaction,
  triggers: readonly Trigger[],
): Promise<'missing' | 'outdated' | 'current'> {
  let known = 0
  let current = 0
  for (const { name, sql } of triggers) {
    const [row] = await selectRows(
      tx,
      `SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?`,
      [name],
    )
    if (row !== undefined) known++
    if (row?.[0] === sql) {
      current++
      continue
    }
    await tx.execute(`DROP TRIGGER IF EXISTS ${quoteName(name)}`)
    await tx.execute(sql)
  }
  if (known === 0) return 'missing'
  return current === triggers.length ? 'current' : 'outdated'
}

/**
 * Columns that a newer client sealed and this one did not know until now: their rows are opened
 * again. Where this device wrote the twin itself, its view had no room for them, so they come back
 * from what was seen of them; a twin that is noted came from the server and has them.
 */
async function adoptNewColumns(tx: SqlTransaction, shape: RowShape): Promise<void> {
  const seen = await selectRows(
    tx,
    `SELECT s.id, s.extra FROM router_seen AS s WHERE s.tbl = ? AND s.extra IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM router_in AS i WHERE i.tbl = s.tbl AND i.id = s.id)`,
    [shape.table],
  )
  const adopted = seen.flatMap(([id, extra]) => {
    const columns = Object.entries(JSON.parse(String(extra)) as TwinValues)
    const known = columns.filter(([name]) => shape.twinNames.includes(name))
    return known.length === 0 ? [] : [[id, Object.fromEntries(known)]]
  })
  if (adopted.length === 0) return
  const rows = JSON.stringify(adopted)
  const store = quoteName(twinStore(shape))
  await tx.execute(
    `UPDATE ${store} SET data = json_patch(data, j.value -> 1) FROM json_each(?) AS j
      WHERE ${store}.id = j.value ->> 0`,
    [rows],
  )
  await tx.execute(
    `INSERT INTO router_in(tbl, id, rank, newest)
      SELECT ?, t.id, ?, ${newestOf(shape, 't')} FROM json_each(?) AS j
      JOIN ${store} AS t ON t.id = j.value ->> 0`,
    [shape.table, shape.rank, rows],
  )
}

/** An older version of the app may have ranked the tables in another way. */
async function rankNotes(tx: SqlTransaction, shape: RowShape): Promise<void> {
  const upsert = `SELECT ${upsertRank(shape, 'l')} FROM ${quoteName(localStore(shape))} AS l
    WHERE l.id = router_out.id`
  await tx.execute(
    `UPDATE router_out SET rank = coalesce((${upsert}), ${deleteRank - shape.rank}) WHERE tbl = ?`,
    [shape.table],
  )
  await tx.execute('UPDATE router_in SET rank = ? WHERE tbl = ?', [shape.rank, shape.table])
}

function newestOf(shape: RowShape, row: string): string {
  return shape.newestBy === null ? 'NULL' : `json_extract(${row}.data, '$.${shape.newestBy}')`
}

/** What was seen of them counts as never seen. */
async function noteUnwatchedTwinRows(tx: SqlTransaction, shape: RowShape): Promise<void> {
  await tx.execute(`UPDATE router_seen SET seal = NULL WHERE tbl = ?`, [shape.table])
  await tx.execute(
    `INSERT INTO router_in(tbl, id, rank, newest)
      SELECT ?, t.id, ?, ${newestOf(shape, 't')} FROM ${quoteName(twinStore(shape))} AS t WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table, shape.rank],
  )
}

/** Local rows without a twin were never sealed. */
async function noteUnwatchedLocalRows(tx: SqlTransaction, shape: RowShape): Promise<void> {
  await tx.execute(
    `INSERT INTO router_out(tbl, id, rank)
      SELECT ?, l.id, ${upsertRank(shape, 'l')} FROM ${quoteName(localStore(shape))} AS l
      WHERE l.id NOT IN (SELECT id FROM ${quoteName(twinStore(shape))})
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table],
  )
}

/**
 * `router_control.generation` is that of the one router that may write (`claimGeneration`).
 * `wait` says why a note cannot be worked on now; such notes stay and block no other.
 * `router_out.rank` orders upserts parents first, then deletes children first. Its `base` is the
 * row's JSON document that the change was made on: null when there was no row, and of which that is
 * known (JSON null) when the person brings back a deleted one. Its `held` is the seal that the
 * server refused, empty for a delete: the change waits for the server's row.
 * `router_conflicts` has a decision, when it was made, and the row before and after it, so that it
 * can be undone.
 * `router_bases` has the bases of sealed changes by the seal that they were made on, for as long as
 * their entries of the upload queue, up to `entry_id`, are there.
 * `router_in.was` holds the row that sync is replacing, for the length of that statement.
 * `router_seen`: `seal` and `revision` are the twin's as the router last wrote or opened it (seal
 * NULL once the row is deleted), `accepted` is the highest revision that came from the server,
 * `accepted_seal` its seal once another has taken its place, `gone` the revision of a delete that the
 * server confirmed, `extra` what a newer client's seal covers beside the columns known here.
 * `router_owed` has what the server owes: a `receipt` for each acknowledged change (the row that it
 * should have; `seal` null where it should have none), and the rows of which its answer is not
 * followed until the person has decided. `choice` is that decision, `settled_at` when it was carried
 * out, of those that can be undone.
 * `router_lives` are the server's lives as this device last knew them, `router_break` is there while
 * it judges what came with a break in the server's memory.
 * `router_deeds` are deletes that a person gave a command for, `router_passed` counts the others that
 * went through, `router_brakes` are those that did not and wait for an answer. `router_in.gone` is the
 * workspace of a row that vanished, until it was decided that it may go.
 */
const ownTables = [
  `CREATE TABLE IF NOT EXISTS router_control(
    id INTEGER PRIMARY KEY CHECK (id = 1), mute INTEGER NOT NULL, clearing INTEGER NOT NULL)`,
  `INSERT OR IGNORE INTO router_control(id, mute, clearing) VALUES (1, 0, 0)`,
  `CREATE TABLE IF NOT EXISTS router_out(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, id TEXT NOT NULL,
    rank INTEGER NOT NULL CHECK (rank BETWEEN 0 AND ${deleteRank}),
    wait TEXT CHECK (wait IN ('locked', 'unsealable')), workspace_id TEXT, UNIQUE (tbl, id))`,
  `CREATE INDEX IF NOT EXISTS router_out_next ON router_out(rank, seq) WHERE wait IS NULL`,
  `CREATE INDEX IF NOT EXISTS router_out_waiting ON router_out(workspace_id) WHERE wait IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS router_in(
    tbl TEXT NOT NULL, id TEXT NOT NULL, rank INTEGER NOT NULL, newest TEXT,
    was TEXT NOT NULL DEFAULT '', wait TEXT CHECK (wait IN ('locked', 'stale-key')),
    workspace_id TEXT, PRIMARY KEY (tbl, id)) WITHOUT ROWID`,
  `CREATE INDEX IF NOT EXISTS router_in_next ON router_in(rank, newest DESC) WHERE wait IS NULL`,
  `CREATE INDEX IF NOT EXISTS router_in_waiting ON router_in(workspace_id) WHERE wait IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS router_seen(
    tbl TEXT NOT NULL, id TEXT NOT NULL, seal TEXT, revision INTEGER NOT NULL,
    accepted INTEGER NOT NULL, extra TEXT, PRIMARY KEY (tbl, id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS router_faults(
    tbl TEXT NOT NULL, id TEXT NOT NULL, workspace_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('locked', 'stale-key', 'tampered')),
    reason TEXT NOT NULL, seen_at INTEGER NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS router_unruly(
    tbl TEXT NOT NULL, id TEXT NOT NULL, workspace_id TEXT NOT NULL, columns TEXT NOT NULL,
    seen_at INTEGER NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS router_conflicts(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, id TEXT NOT NULL,
    workspace_id TEXT, mine TEXT, theirs TEXT, at INTEGER NOT NULL)`,
  `CREATE INDEX IF NOT EXISTS router_conflicts_row ON router_conflicts(tbl, id)`,
  `CREATE TABLE IF NOT EXISTS router_bases(
    tbl TEXT NOT NULL, id TEXT NOT NULL, seal TEXT NOT NULL, base TEXT NOT NULL,
    entry_id INTEGER NOT NULL, PRIMARY KEY (tbl, id, seal)) WITHOUT ROWID`,
  'CREATE INDEX IF NOT EXISTS router_bases_entry ON router_bases(entry_id)',
  `CREATE TABLE IF NOT EXISTS router_owed(
    tbl TEXT NOT NULL, id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('receipt', 'lost', 'returned', 'forked')),
    ground TEXT NOT NULL CHECK (ground IN ('acknowledged', 'accepted', 'break')),
    workspace_id TEXT, seal TEXT, revision INTEGER NOT NULL, mine TEXT, theirs TEXT,
    theirs_revision INTEGER, author_id TEXT, at INTEGER NOT NULL,
    choice TEXT CHECK (choice IN ('mine', 'theirs')), settled_at INTEGER,
    PRIMARY KEY (tbl, id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS router_lives(
    id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID`,
  'CREATE TABLE IF NOT EXISTS router_break(id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER)',
  `CREATE TABLE IF NOT EXISTS router_deeds(
    tbl TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS router_passed(
    direction TEXT NOT NULL, tbl TEXT NOT NULL, workspace_id TEXT NOT NULL, rows INTEGER NOT NULL,
    at INTEGER NOT NULL)`,
  `CREATE INDEX IF NOT EXISTS router_passed_place
    ON router_passed(direction, tbl, workspace_id, at)`,
  'CREATE INDEX IF NOT EXISTS router_passed_time ON router_passed(at)',
  `CREATE TABLE IF NOT EXISTS router_brakes(
    direction TEXT NOT NULL CHECK (direction IN ('out', 'in')), tbl TEXT NOT NULL,
    workspace_id TEXT NOT NULL, ground TEXT NOT NULL CHECK (ground IN ('many', 'workspace')),
    rows INTEGER NOT NULL, total INTEGER NOT NULL, at INTEGER NOT NULL,
    answer TEXT CHECK (answer = 'keep'),
    PRIMARY KEY (direction, tbl, workspace_id)) WITHOUT ROWID`,
]

/** After their columns are there. */
const laterIndexes = [
  'CREATE INDEX IF NOT EXISTS router_out_held ON router_out(tbl, id) WHERE held IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS router_in_gone ON router_in(tbl, gone) WHERE gone IS NOT NULL',
]

const laterColumns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  router_control: { generation: 'INTEGER NOT NULL DEFAULT 0' },
  router_out: { base: 'TEXT', held: 'TEXT' },
  router_in: { gone: 'TEXT' },
  router_seen: { accepted_seal: 'TEXT', gone: 'INTEGER' },
  router_conflicts: {
    base: 'TEXT',
    author_id: 'TEXT',
    fields: 'TEXT',
    choice: 'TEXT',
    settled_at: 'INTEGER',
    row_before: 'TEXT',
    row_after: 'TEXT',
  },
}
