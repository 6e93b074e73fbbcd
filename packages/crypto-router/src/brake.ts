import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { isEntityTable, type EntityTable } from '@sealbook/schema'
import { isPartlySynced } from './lives.ts'
import { localStore, twinStore } from './layout.ts'
import { shapeOf, type RowShape } from './shapes.ts'
import { quoteName, quoteText, selectCount, selectRows, type SqlTransaction } from './sql.ts'
import { leastDeleteRank } from './triggers.ts'

/**
 * Deletes that nobody here is known to have asked for are stopped when there are many. `out`: rows
 * deleted on this device, about to be deleted everywhere. `in`: rows that the server no longer has,
 * about to be removed here.
 */
export type BrakeDirection = 'out' | 'in'

/** `many` of a table; `workspace`: all of it, its settings included. */
export type BrakeGround = 'many' | 'workspace'

/** What waits for an answer: `delete` or `keep`. */
export interface Brake {
  readonly direction: BrakeDirection
  readonly ground: BrakeGround
  readonly table: EntityTable
  readonly workspaceId: string
  /** Rows that are to be deleted, of so many. */
  readonly rows: number
  readonly of: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** More than this, and more than a tenth of the table's rows in the workspace, are many. */
const mostRows = 20
const mostPart = 0.1
/** Deletes are counted together over this time, so that small steps do not slip through. */
export const countedMs = 3_600_000

/**
 * Notes in the transaction of a delete that a person gave the command for these rows: they are not
 * counted as many, however many they are.
 */
export async function recordDeed(
  tx: Pick<SqlTransaction, 'execute'>,
  table: EntityTable,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(
    `INSERT OR IGNORE INTO router_deeds(tbl, id) SELECT ?, value FROM json_each(?)`,
    [table, JSON.stringify(ids)],
  )
}

/** Newest first. */
export async function readBrakes(
  db: Pick<AbstractPowerSyncDatabase, 'executeRaw'>,
): Promise<Brake[]> {
  const rows = await selectRows(
    db,
    `SELECT direction, ground, tbl, workspace_id, rows, total, at FROM router_brakes
      WHERE answer IS NULL ORDER BY at DESC, tbl, direction`,
  )
  return rows.flatMap(([direction, ground, tbl, workspaceId, count, total, at]): Brake[] => {
    const table = String(tbl)
    if (!isEntityTable(table)) return []
    return [
      {
        direction: direction as BrakeDirection,
        ground: ground as BrakeGround,
        table,
        workspaceId: String(workspaceId),
        rows: Number(count),
        of: Number(total),
        at: Number(at),
      },
    ]
  })
}

export async function countBrakes(
  db: Pick<AbstractPowerSyncDatabase, 'executeRaw'>,
): Promise<number> {
  return selectCount(db, 'SELECT count(*) FROM router_brakes WHERE answer IS NULL')
}

/** First in a step of sealing: sets the brake, or lets the deletes pass and counts them. */
export async function judgeOutgoing(tx: SqlTransaction, now: number): Promise<void> {
  const [found] = await selectRows(
    tx,
    `SELECT EXISTS (SELECT 1 FROM router_out WHERE wait IS NULL AND rank >= ${leastDeleteRank}),
      EXISTS (SELECT 1 FROM router_brakes WHERE direction = 'out')`,
  )
  if (!(found ?? []).includes(1)) return
  const tables = await selectRows(
    tx,
    `SELECT tbl FROM router_out INDEXED BY router_out_next
        WHERE wait IS NULL AND rank >= ${leastDeleteRank}
      UNION SELECT tbl FROM router_brakes WHERE direction = 'out'`,
  )
  for (const [table] of tables) {
    const shape = shapeOf(String(table))
    const counts = await selectRows(tx, outgoingSql(shape))
    await tx.execute(
      `DELETE FROM router_brakes WHERE direction = 'out' AND tbl = ? AND workspace_id NOT IN
        (SELECT value FROM json_each(?))`,
      [shape.table, JSON.stringify(counts.map(([workspaceId]) => workspaceId))],
    )
    for (const [workspaceId, count] of counts) {
      const place = { direction: 'out', shape, workspaceId: String(workspaceId) } as const
      await judge(tx, place, Number(count), now)
    }
  }
}

/** Rows deleted here that the server has, by workspace, as far as nobody answers for them. */
function outgoingSql(shape: RowShape): string {
  return `SELECT json_extract(t.data, '$.workspace_id'), count(*) FROM router_out AS o
    JOIN ${quoteName(twinStore(shape))} AS t ON t.id = o.id
    WHERE o.tbl = ${quoteText(shape.table)} AND o.wait IS NULL AND o.rank >= ${leastDeleteRank}
      AND ${isNoDeed} GROUP BY 1`
}

const isNoDeed = 'NOT EXISTS (SELECT 1 FROM router_deeds AS d WHERE d.tbl = o.tbl AND d.id = o.id)'

/** SQL that is true of a note of `router_out` which the brake holds. */
export const isHeldByBrake = `(o.rank >= ${leastDeleteRank} AND ${isNoDeed}
  AND EXISTS (SELECT 1 FROM router_brakes AS b WHERE b.direction = 'out' AND b.tbl = o.tbl))`

/** Deletes that were sealed: what was to be answered for them is done, or counts as having passed. */
export async function notePassedOut(
  tx: SqlTransaction,
  table: string,
  deletes: readonly { readonly id: string; readonly workspaceId: string }[],
  now: number,
): Promise<void> {
  if (deletes.length === 0) return
  const rows = JSON.stringify(deletes.map(({ id, workspaceId }) => [id, workspaceId]))
  await tx.execute(
    `INSERT INTO router_passed(direction, tbl, workspace_id, rows, at)
      SELECT 'out', ?, j.value ->> 1, count(*), ? FROM json_each(?) AS j
      WHERE NOT EXISTS (SELECT 1 FROM router_deeds AS d WHERE d.tbl = ? AND d.id = j.value ->> 0)
      GROUP BY 2, 3`,
    [table, now, rows, table],
  )
  await tx.execute(
    `DELETE FROM router_deeds WHERE tbl = ?
      AND id IN (SELECT value ->> 0 FROM json_each(?))`,
    [table, rows],
  )
}

/**
 * Before opening: rows that are gone on the server are set aside until a whole checkpoint says so,
 * and when they are many, until the person has answered. `gone` names their workspace.
 */
export async function judgeIncoming(
  tx: SqlTransaction,
  isInBreak: boolean,
  now: number,
): Promise<void> {
  const [row] = await selectRows(
    tx,
    `SELECT EXISTS (SELECT 1 FROM router_in WHERE gone IS NOT NULL), ${isPartlySynced}`,
  )
  // What came back by itself is no question any more.
  await tx.execute(
    `DELETE FROM router_brakes WHERE direction = 'in' AND NOT EXISTS (SELECT 1 FROM router_in AS i
      WHERE i.tbl = router_brakes.tbl AND i.gone = router_brakes.workspace_id)`,
  )
  if (row?.[0] !== 1) return
  if (row[1] === 1) {
    await tx.execute(`UPDATE router_in SET ${aside} WHERE gone IS NOT NULL AND wait IS NULL`)
    return
  }
  // A break says of them that they are lost: each is asked about, and none removed.
  if (isInBreak) {
    await tx.execute('UPDATE router_in SET gone = NULL, wait = NULL WHERE gone IS NOT NULL')
    await tx.execute(`DELETE FROM router_brakes WHERE direction = 'in'`)
    return
  }
  // Of what is owed each row is asked about, and none removed.
  await tx.execute(
    `UPDATE router_in SET gone = NULL, wait = NULL WHERE gone IS NOT NULL AND EXISTS
      (SELECT 1 FROM router_owed AS w WHERE w.tbl = router_in.tbl AND w.id = router_in.id
        AND w.seal IS NOT NULL AND w.settled_at IS NULL)`,
  )
  const places = await selectRows(
    tx,
    'SELECT tbl, gone, count(*) FROM router_in WHERE gone IS NOT NULL GROUP BY tbl, gone',
  )
  for (const [table, workspaceId, count] of places) {
    const shape = shapeOf(String(table))
    const place = { direction: 'in', shape, workspaceId: String(workspaceId) } as const
    const isStopped = await judge(tx, place, Number(count), now)
    await tx.execute(
      `UPDATE router_in SET ${isStopped ? aside : 'gone = NULL, wait = NULL'}
        WHERE tbl = ? AND gone = ?`,
      [shape.table, place.workspaceId],
    )
    if (isStopped) continue
    await tx.execute(
      `INSERT INTO router_passed(direction, tbl, workspace_id, rows, at) VALUES ('in', ?, ?, ?, ?)`,
      [shape.table, place.workspaceId, Number(count), now],
    )
  }
}

/** As rows whose keys are missing, of no workspace: nothing but this releases them. */
const aside = `wait = 'locked', workspace_id = NULL`

interface Place {
  readonly direction: BrakeDirection
  readonly shape: RowShape
  readonly workspaceId: string
}

/** @returns whether the brake is set. */
async function judge(
  tx: SqlTransaction,
  place: Place,
  count: number,
  now: number,
): Promise<boolean> {
  const { direction, shape, workspaceId } = place
  const passed = await selectCount(
    tx,
    `SELECT coalesce(sum(rows), 0) FROM router_passed
      WHERE direction = ? AND tbl = ? AND workspace_id = ? AND at > ?`,
    [direction, shape.table, workspaceId, now - countedMs],
  )
  const isWhole = direction === 'in' && (await isWithoutSettings(tx, workspaceId))
  const isFew = count + passed <= mostRows && !isWhole
  const total = isFew ? 0 : await countRows(tx, place)
  const isStopped = !isFew && (isWhole || count + passed > (total + passed) * mostPart)
  if (!isStopped) {
    await tx.execute(
      'DELETE FROM router_brakes WHERE direction = ? AND tbl = ? AND workspace_id = ?',
      [direction, shape.table, workspaceId],
    )
    await tx.execute('DELETE FROM router_passed WHERE at <= ?', [now - countedMs])
    return false
  }
  await tx.execute(
    `INSERT INTO router_brakes(direction, tbl, workspace_id, ground, rows, total, at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(direction, tbl, workspace_id) DO UPDATE SET rows = excluded.rows,
        total = excluded.total, ground = excluded.ground,
        answer = iif(excluded.rows > rows, NULL, answer)
      WHERE rows <> excluded.rows OR ground <> excluded.ground`,
    [direction, shape.table, workspaceId, isWhole ? 'workspace' : 'many', ...[count, total, now]],
  )
  return true
}

/** What the deletes are to be taken from: the twins, or the plaintext that would follow them. */
async function countRows(
  tx: SqlTransaction,
  { direction, shape, workspaceId }: Place,
): Promise<number> {
  const store = direction === 'out' ? twinStore(shape) : localStore(shape)
  return selectCount(
    tx,
    `SELECT count(*) FROM ${quoteName(store)} WHERE json_extract(data, '$.workspace_id') = ?`,
    [workspaceId],
  )
}

/** The row that a workspace has from its beginning is here and not on the server: it was withheld. */
async function isWithoutSettings(tx: SqlTransaction, workspaceId: string): Promise<boolean> {
  const shape = shapeOf('workspace_settings')
  const [here, there] = [localStore(shape), twinStore(shape)].map(
    (store) => `EXISTS (SELECT 1 FROM ${quoteName(store)} WHERE id = ?)`,
  )
  const sql = `SELECT ${here} AND NOT ${there}`
  return (await selectCount(tx, sql, [workspaceId, workspaceId])) === 1
}
