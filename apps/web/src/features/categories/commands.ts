import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { Category, FlowKind } from '../../data/records.ts'
import { addAgain, changeRow, type FormError } from '../../data/form-row.ts'
import { deleteRow, updateRow, writeRows, type RowError, type TakenRow } from '../../data/rows.ts'
import type { Result } from '../../data/session-types.ts'
import { categoryUseQuery } from './queries.ts'

/** A category as the form hands it over. */
export interface CategoryValues {
  readonly kind: FlowKind
  readonly name: string
  readonly icon: string
  readonly colour: string
}

/** Why a category stays. */
export type DeleteCategoryError = { readonly kind: 'in-use'; readonly transactions: number }

type Database = Pick<AbstractPowerSyncDatabase, 'execute' | 'getAll' | 'writeTransaction'>

/** New categories go to the end of the list. */
export async function addCategory(
  database: Database,
  workspaceId: string,
  categories: readonly Category[],
  values: CategoryValues,
): Promise<Result<readonly string[], RowError>> {
  const last = Math.max(-1, ...categories.map((category) => category.sortOrder))
  return writeRows(database, 'categories', [
    {
      workspace_id: workspaceId,
      sort_order: last + 1,
      archived_at: null,
      parent_id: null,
      ...values,
    },
  ])
}

/**
 * The kind stays: its transactions were entered under it.
 * @param category as the form shows it: only what the person changed is written.
 */
export async function changeCategory(
  database: Database,
  category: Category,
  { name, icon, colour }: CategoryValues,
): Promise<Result<void, FormError>> {
  return changeRow(database, 'categories', category.id, { name, icon, colour }, category)
}

/** @param row as it was before another device deleted it. */
export async function addCategoryAgain(
  database: Database,
  row: TakenRow,
  { name, icon, colour }: CategoryValues,
): Promise<Result<void, RowError>> {
  return addAgain(database, 'categories', row, { name, icon, colour })
}

/** `archivedAt` null brings it back. */
export async function archiveCategory(
  database: Database,
  id: string,
  archivedAt: number | null,
): Promise<Result<void, RowError>> {
  return updateRow(database, 'categories', id, { archived_at: archivedAt })
}

/** Only a category that nothing uses: the count and the deletion are one transaction. */
export async function deleteCategory(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<Result<void, DeleteCategoryError>> {
  return database.writeTransaction(async (tx) => {
    const { sql, parameters } = categoryUseQuery(workspaceId, id)
    const { transactions } = await tx.get<{ transactions: number }>(sql, [...parameters])
    if (transactions > 0) return { ok: false, error: { kind: 'in-use', transactions } }
    await deleteRow(tx, 'categories', id)
    return { ok: true, value: undefined }
  })
}
