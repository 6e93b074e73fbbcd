import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { undoableMs, type EntityTable } from '@sealbook/schema'
import { deletedBase } from './bases.ts'
import { deleteLocalRows, localStore, twinStore } from './layout.ts'
import type { OwedKind } from './owed.ts'
import { rememberDeleted } from './seen.ts'
import { groupByShape, shapeOf, type RowShape } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'
import { deleteRank, upsertRank } from './triggers.ts'

/**
 * `mine`: what is here is sent to the server again, be it a row or a delete. `theirs`: what the
 * server has is taken, be it nothing.
 */
export type OwedChoice = 'mine' | 'theirs'

/** Rows a transaction: the router's other work comes in between. */
const rowsAtOnce = 500

/** Carries out what the person decided about one row. Decided already, or without it, nothing. */
export async function decideOwed(
  db: AbstractPowerSyncDatabase,
  table: EntityTable,
  id: string,
  choice: OwedChoice,
  now: number,
): Promise<void> {
  await db.writeTransaction(async (tx) => {
    await tx.execute(
      `UPDATE router_owed SET choice = ?
        WHERE tbl = ? AND id = ? AND state <> 'receipt' AND choice IS NULL`,
      [choice, table, id],
    )
    await carryOutDecisions(tx, rowsAtOnce, now)
  })
}

/**
 * The same for every row of a kind. The decision is one statement; it is carried out by some hundred
 * rows a transaction, and the router goes on with it should this be interrupted.
 */
export async function decideOwedOfKind(
  db: AbstractPowerSyncDatabase,
  kind: OwedKind,
  choice: OwedChoice,
  now: number,
): Promise<void> {
  await db.execute('UPDATE router_owed SET choice = ? WHERE state = ? AND choice IS NULL', [
    choice,
    kind,
  ])
  while (await db.writeTransaction((tx) => carryOutDecisions(tx, rowsAtOnce, now)));
}

/**
 * Takes back that the server had its way: the row is here again as it was, and waits for a decision,
 * unless it was changed meanwhile. What was sent again cannot be taken back.
 */
export async function undoOwed(
  db: AbstractPowerSyncDatabase,
  table: EntityTable,
  id: string,
): Promise<void> {
  const shape = shapeOf(table)
  const store = quoteName(localStore(shape))
  await db.writeTransaction(async (tx) => {
    const [row] = await selectRows(
      tx,
      `SELECT w.mine, l.data IS w.theirs
        FROM router_owed AS w LEFT JOIN ${store} AS l ON l.id = w.id
        WHERE w.tbl = ? AND w.id = ? AND w.settled_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM router_out AS o WHERE o.tbl = w.tbl AND o.id = w.id)`,
      [table, id],
    )
    if (row?.[1] !== 1) return
    await tx.execute('UPDATE router_control SET mute = 1')
    if (row[0] === null) await tx.execute(`DELETE FROM ${store} WHERE id = ?`, [id])
    else {
      await tx.execute(
        `INSERT INTO ${store}(id, data) VALUES (?, ?)
          ON CONFLICT(id) DO UPDATE SET data = excluded.data`,
        [id, row[0] ?? null],
      )
    }
    await tx.execute('UPDATE router_control SET mute = 0')
    await tx.execute(
      `UPDATE router_owed SET choice = NULL, settled_at = NULL WHERE tbl = ? AND id = ?`,
      [table, id],
    )
  })
}

/** The server's row or the one here has changed since: what is owed of it is found out first. */
const isToBeJudged = `EXISTS (SELECT 1 FROM router_in AS i
  WHERE i.tbl = w.tbl AND i.id = w.id AND i.wait IS NULL)`

/** @returns whether there may be more. Also called by the router, after an interruption. */
export async function carryOutDecisions(
  tx: SqlTransaction,
  limit: number,
  now: number,
): Promise<boolean> {
  const rows = await selectRows(
    tx,
    `SELECT tbl, id, choice FROM router_owed AS w
      WHERE choice IS NOT NULL AND settled_at IS NULL AND NOT ${isToBeJudged} LIMIT ?`,
    [limit],
  )
  const decided = rows.map(([table, id, choice]) => ({ table: String(table), id, choice }))
  for (const [shape, ofTable] of groupByShape(decided)) {
    const [mine, theirs] = (['mine', 'theirs'] as const).map((given) =>
      JSON.stringify(ofTable.filter(({ choice }) => choice === given).map(({ id }) => id)),
    )
    await sendAgain(tx, shape, mine ?? '[]')
    await follow(tx, shape, theirs ?? '[]', now)
  }
  await tx.execute(`DELETE FROM router_owed WHERE settled_at < ?`, [now - undoableMs])
  return rows.length === limit
}

/**
 * As local changes that the router seals with a revision above all that was ever seen, on top of
 * what the server has now.
 */
async function sendAgain(tx: SqlTransaction, shape: RowShape, ids: string): Promise<void> {
  const store = quoteName(localStore(shape))
  const chosen = `w.tbl = '${shape.table}' AND w.id IN (SELECT value FROM json_each(?))`
  // One that was deleted here since is not brought back: then the delete is what is sent.
  await tx.execute(
    `INSERT INTO ${store}(id, data) SELECT w.id, w.mine FROM router_owed AS w
      WHERE ${chosen} AND w.mine IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM router_out AS o WHERE o.tbl = w.tbl AND o.id = w.id)
      ON CONFLICT(id) DO NOTHING`,
    [ids],
  )
  const twin = quoteName(twinStore(shape))
  await tx.execute(
    `INSERT INTO router_out(tbl, id, rank, base)
      SELECT w.tbl, w.id,
        CASE WHEN l.id IS NOT NULL THEN ${upsertRank(shape, 'l')} ELSE ${deleteRank - shape.rank} END,
        coalesce(w.theirs, '${deletedBase}')
      FROM router_owed AS w LEFT JOIN ${store} AS l ON l.id = w.id
      WHERE ${chosen} AND (l.id IS NOT NULL OR w.id IN (SELECT id FROM ${twin}))
      ON CONFLICT(tbl, id) DO UPDATE SET rank = excluded.rank, base = excluded.base, wait = NULL,
        held = NULL`,
    [ids],
  )
  await tx.execute(
    `INSERT INTO router_seen(tbl, id, seal, revision, accepted)
      SELECT w.tbl, w.id, NULL, w.revision, 0 FROM router_owed AS w WHERE ${chosen}
      ON CONFLICT(tbl, id) DO UPDATE SET revision = max(revision, excluded.revision)`,
    [ids],
  )
  await tx.execute(`DELETE FROM router_owed AS w WHERE ${chosen}`, [ids])
}

/**
 * The server's row is opened like any other from now on, although it is older than it should be. Of
 * one that it does not have, nothing stays here either.
 */
async function follow(
  tx: SqlTransaction,
  shape: RowShape,
  ids: string,
  now: number,
): Promise<void> {
  const ofRows = 'tbl = ? AND id IN (SELECT value FROM json_each(?))'
  const parameters = [shape.table, ids]
  const [split] = await selectRows(
    tx,
    `SELECT json_group_array(id) FILTER (WHERE theirs IS NULL),
        json_group_array(id) FILTER (WHERE theirs IS NOT NULL)
      FROM router_owed WHERE ${ofRows}`,
    parameters,
  )
  const [nowhere, there] = (split ?? []).map((list) => String(list))
  await tx.execute(`DELETE FROM router_out WHERE ${ofRows}`, parameters)
  await tx.execute('UPDATE router_control SET mute = 1')
  await tx.execute(deleteLocalRows(shape), [nowhere ?? '[]'])
  await tx.execute('UPDATE router_control SET mute = 0')
  await rememberDeleted(tx, shape.table, JSON.parse(nowhere ?? '[]') as string[], 'server')
  await tx.execute(
    `UPDATE router_seen SET seal = NULL, accepted_seal = NULL, gone = NULL,
        accepted = min(accepted, w.theirs_revision)
      FROM router_owed AS w WHERE w.tbl = router_seen.tbl AND w.id = router_seen.id
        AND w.tbl = ? AND w.id IN (SELECT value FROM json_each(?))`,
    [shape.table, there ?? '[]'],
  )
  await tx.execute(
    `INSERT INTO router_in(tbl, id, rank) SELECT ?, value, ? FROM json_each(?) WHERE true
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`,
    [shape.table, shape.rank, there ?? '[]'],
  )
  await tx.execute(`UPDATE router_owed SET choice = 'theirs', settled_at = ? WHERE ${ofRows}`, [
    now,
    ...parameters,
  ])
}
