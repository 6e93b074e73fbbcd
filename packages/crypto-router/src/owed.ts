import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { isEntityTable, type EntityTable } from '@sealbook/schema'
import { parseDocument } from './local-document.ts'
import type { LocalValues } from './rows.ts'
import { selectCount, selectRows, type SqlTransaction, type SqlValue } from './sql.ts'

/**
 * What is wrong with a row that the server owes this device. `lost`: the server had it, by its own
 * word, and does not have it now. `returned`: it was deleted, the server said so too, and it is
 * served again. `forked`: the server serves the accepted revision with another seal.
 */
export type OwedKind = 'lost' | 'returned' | 'forked'

/**
 * How this device knows: `acknowledged`, the server answered "applied" to a change and did not have
 * it afterwards; `accepted`, sync had brought it; `break`, the server's memory went back.
 */
export type OwedGround = 'acknowledged' | 'accepted' | 'break'

/** A row of which the server's answer is not followed until the person has decided. */
export interface OwedRow {
  readonly kind: OwedKind
  readonly ground: OwedGround
  readonly table: EntityTable
  readonly id: string
  readonly workspaceId: string | null
  /** What stays on this device meanwhile; null where the row is deleted. */
  readonly mine: LocalValues | null
  /** What the server has; null where it has nothing. */
  readonly theirs: LocalValues | null
  /** Who made `theirs`; null where that is not known. */
  readonly authorId: string | null
  /** When this device found it, in milliseconds since 1970. */
  readonly at: number
  /** When the person let the server have its way, which can be undone; null while they have not. */
  readonly settledAt: number | null
}

/** Those that need a decision, newest first. */
export async function readOwed(
  db: Pick<AbstractPowerSyncDatabase, 'executeRaw'>,
  limit: number,
): Promise<OwedRow[]> {
  return selectOwed(db, `state <> 'receipt' AND choice IS NULL ORDER BY at DESC, tbl, id LIMIT ?`, [
    limit,
  ])
}

/** Those in which the person let the server have its way within the last weeks, newest first. */
export async function readOwedLetGo(
  db: Pick<AbstractPowerSyncDatabase, 'executeRaw'>,
  limit: number,
): Promise<OwedRow[]> {
  return selectOwed(db, 'settled_at IS NOT NULL ORDER BY settled_at DESC, tbl, id LIMIT ?', [limit])
}

/** How many rows of each kind need a decision. */
export type OwedCounts = Readonly<Record<OwedKind, number>>

export async function countOwed(
  db: Pick<AbstractPowerSyncDatabase, 'executeRaw'>,
): Promise<OwedCounts> {
  const rows = await selectRows(
    db,
    `SELECT state, count(*) FROM router_owed WHERE state <> 'receipt' AND choice IS NULL
      GROUP BY state`,
  )
  const counts = new Map(rows.map(([state, count]) => [String(state), Number(count)]))
  const countOf = (kind: OwedKind) => counts.get(kind) ?? 0
  return { lost: countOf('lost'), returned: countOf('returned'), forked: countOf('forked') }
}

/** Acknowledged changes that have not come back yet. */
export async function countReceipts(
  db: Pick<AbstractPowerSyncDatabase, 'executeRaw'>,
): Promise<number> {
  return selectCount(db, `SELECT count(*) FROM router_owed WHERE state = 'receipt'`)
}

async function selectOwed(
  db: Pick<SqlTransaction, 'executeRaw'>,
  where: string,
  parameters: SqlValue[],
): Promise<OwedRow[]> {
  const rows = await selectRows(
    db,
    `SELECT state, ground, tbl, id, workspace_id, mine, theirs, author_id, at, settled_at
      FROM router_owed WHERE ${where}`,
    parameters,
  )
  const owed: OwedRow[] = []
  for (const cells of rows) {
    const [state, ground, tbl, id, workspaceId, mine, theirs, authorId, at, settledAt] = cells
    const table = String(tbl)
    if (!isEntityTable(table)) continue
    owed.push({
      kind: state as OwedKind,
      ground: ground as OwedGround,
      table,
      id: String(id),
      workspaceId: textOrNull(workspaceId),
      mine: await parseDocument(db, table, textOrNull(mine)),
      theirs: await parseDocument(db, table, textOrNull(theirs)),
      authorId: textOrNull(authorId),
      at: Number(at),
      settledAt: settledAt === null ? null : Number(settledAt),
    })
  }
  return owed
}

function textOrNull(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
