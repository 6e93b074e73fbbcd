import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { clearSyncedData } from './clear.ts'
import { localStore, twinStore } from './layout.ts'
import { shapes, type RowShape } from './shapes.ts'
import { quoteName, selectCount, selectRows, type SqlTransaction } from './sql.ts'
import { deleteRank, inTriggers, outTriggers, type Trigger } from './triggers.ts'

/**
 * Creates the router's own tables and its triggers where they are missing or out of date. To be
 * called at every open, before the first local write and before connecting: PowerSync drops
 * triggers together with a table. Rows that were there before the triggers are noted, and a clear
 * that was interrupted is finished. Doing it again changes nothing.
 */
export async function installRouter(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.waitForReady()
  const clearing = await db.writeTransaction(async (tx) => {
    for (const statement of ownTables) await tx.execute(statement)
    for (const shape of shapes) await installTriggers(tx, shape)
    return (await selectCount(tx, 'SELECT clearing FROM router_control')) === 1
  })
  if (clearing) await clearSyncedData(db)
}

async function installTriggers(tx: SqlTransaction, shape: RowShape): Promise<void> {
  const watchesTwin = await createTriggers(tx, inTriggers(shape))
  const watchesLocal = await createTriggers(tx, outTriggers(shape))
  // A table without its triggers is new, or was out of the schema for a while, and then a
  // plaintext table has lost its rows: they are rebuilt from the twin.
  if (watchesTwin || watchesLocal) await noteUnwatchedTwinRows(tx, shape)
  if (watchesLocal) await noteUnwatchedLocalRows(tx, shape)
}

/** @returns whether none of them was there. */
async function createTriggers(tx: SqlTransaction, triggers: readonly Trigger[]): Promise<boolean> {
  let known = 0
  for (const { name, sql } of triggers) {
    const [row] = await selectRows(
      tx,
      `SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?`,
      [name],
    )
    if (row !== undefined) known++
    if (row?.[0] === sql) continue
    await tx.execute(`DROP TRIGGER IF EXISTS ${quoteName(name)}`)
    await tx.execute(sql)
  }
  return known === 0
}

/** What was seen of them counts as never seen. */
async function noteUnwatchedTwinRows(tx: SqlTransaction, shape: RowShape): Promise<void> {
  await tx.execute(`UPDATE router_seen SET seal = NULL WHERE tbl = ?`, [shape.table])
  const newest = shape.newestBy === null ? 'NULL' : `json_extract(data, '$.${shape.newestBy}')`
  await tx.execute(
    `INSERT INTO router_in(tbl, id, rank, newest)
      SELECT ?, id, ?, ${newest} FROM ${quoteName(twinStore(shape))} WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table, shape.rank],
  )
}

/** Local rows without a twin were never sealed. */
async function noteUnwatchedLocalRows(tx: SqlTransaction, shape: RowShape): Promise<void> {
  await tx.execute(
    `INSERT INTO router_out(tbl, id, rank)
      SELECT ?, id, ? FROM ${quoteName(localStore(shape))}
      WHERE id NOT IN (SELECT id FROM ${quoteName(twinStore(shape))})
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table, shape.rank],
  )
}

/**
 * `wait` says why a note cannot be worked on now; such notes stay and block no other.
 * `router_out.rank` orders upserts parents first, then deletes children first.
 * `router_in.was` holds the row that sync is replacing, for the length of that statement.
 * `router_seen`: `seal` and `revision` are the twin's as the router last wrote or opened it (seal
 * NULL once the row is deleted), `accepted` is the highest revision that came from the server,
 * `extra` what a newer client's seal covers beside the columns known here.
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
  `CREATE TABLE IF NOT EXISTS router_conflicts(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, id TEXT NOT NULL,
    workspace_id TEXT, mine TEXT, theirs TEXT, at INTEGER NOT NULL)`,
  `CREATE INDEX IF NOT EXISTS router_conflicts_row ON router_conflicts(tbl, id)`,
]
