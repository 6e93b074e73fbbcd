import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { continueRevision, resolveConflict } from '@sealbook/crypto-router'
import { isEntityTable } from '@sealbook/schema'
import { dismissProblem, keepMine } from '@sealbook/sync-client'
import type { Problem } from './problem-sentence.ts'

/** Whether the decision was carried out; `not-synced` asks to wait for the other version. */
export type Settled = 'done' | 'not-synced'

/** The person's decision. A fault takes none. */
export async function settleProblem(
  db: AbstractPowerSyncDatabase,
  { cause, table, rowId }: Problem,
  choice: 'mine' | 'theirs',
): Promise<Settled> {
  switch (cause.kind) {
    case 'fault':
      return 'done'
    case 'clash':
      if (isEntityTable(table)) await resolveConflict(db, table, rowId, choice)
      return 'done'
    case 'refusal': {
      if (choice === 'theirs') {
        await dismissProblem(db, cause.id)
        return 'done'
      }
      const kept = await keepMine(db, cause.id, continueRevision)
      return !kept.ok && kept.error.kind === 'not-synced' ? 'not-synced' : 'done'
    }
  }
}
