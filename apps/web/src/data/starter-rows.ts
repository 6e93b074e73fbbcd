import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { writeRows, type RowError } from './rows.ts'
import type { NewWorkspace, Result } from './session-types.ts'

/**
 * Writes a new workspace's settings and starter categories before the server knows of it: a crash
 * in between leaves rows that no key ever seals, which the next attempt takes back.
 */
export async function writeStarterRows(
  db: AbstractPowerSyncDatabase,
  workspaceId: string,
  workspace: NewWorkspace,
): Promise<Result<void, RowError>> {
  const { name, currency, starterCategories } = workspace
  const settings = { id: workspaceId, workspace_id: workspaceId, name, currency }
  const categories = starterCategories.map((category, index) => ({
    workspace_id: workspaceId,
    sort_order: index,
    ...category,
  }))
  return db.writeTransaction(async (tx) => {
    const written = await writeRows(tx, 'workspace_settings', [settings])
    const result = written.ok ? await writeRows(tx, 'categories', categories) : written
    if (result.ok) return { ok: true, value: undefined }
    await tx.rollback()
    return result
  })
}
