import { findIds, shapeOf, type RowShape } from '@sealbook/crypto-router'
import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { EntityTable } from '@sealbook/schema'

/** A row that a person may look for. */
export interface FoundRow {
  readonly id: string
  /** What the ledger calls it; null where it has no name or is not in the ledger. */
  readonly name: string | null
}

const mostFound = 6
/** At least so much of an id, or it is taken for a name. */
const idPattern = /^[0-9a-f]{2,8}(-[0-9a-f-]*)?$/
const nameColumns = ['payee', 'name', 'counterparty', 'month', 'base', 'due_on', 'next_on']

/** By the beginning of its id, else by a part of its name; without a text, what changed last. */
export async function findRows(
  db: AbstractPowerSyncDatabase,
  table: EntityTable,
  workspaceId: string,
  text: string,
): Promise<readonly FoundRow[]> {
  const shape = shapeOf(table)
  const searched = text.trim().toLowerCase()
  const ids = idPattern.test(searched) ? await findIds(db, shape, searched, mostFound) : []
  if (ids.length === 0) return findByName(db, shape, workspaceId, searched)
  const named = await db.getAll<FoundRow>(
    `SELECT id, ${nameOf(shape)} AS name FROM "${table}"
      WHERE id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(ids)],
  )
  return ids.map((id) => ({ id, name: named.find((row) => row.id === id)?.name ?? null }))
}

async function findByName(
  db: AbstractPowerSyncDatabase,
  shape: RowShape,
  workspaceId: string,
  text: string,
): Promise<readonly FoundRow[]> {
  const name = nameOf(shape)
  return db.getAll<FoundRow>(
    `SELECT id, ${name} AS name FROM "${shape.table}"
      WHERE workspace_id = ? AND (? = '' OR instr(lower(${name}), ?) > 0)
      ORDER BY updated_at DESC LIMIT ${mostFound}`,
    [workspaceId, text, text],
  )
}

function nameOf(shape: RowShape): string {
  const column = nameColumns.find((name) => shape.columnNames.has(name))
  return column === undefined ? 'NULL' : `"${column}"`
}
