import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { readConflicts, readRowFaults } from '@sealbook/crypto-router'
import { entityOf, isEntityTable, localColumns } from '@sealbook/schema'
import { readProblems } from '@sealbook/sync-client'
import type { Problem, Version } from './problem-sentence.ts'

/** Everything that needs the person, newest first. */
export async function loadProblems(db: AbstractPowerSyncDatabase): Promise<readonly Problem[]> {
  const [refused, clashes, faults] = await Promise.all([
    readProblems(db),
    readConflicts(db),
    readRowFaults(db),
  ])
  const problems: Promise<Problem>[] = [
    ...refused.map(async ({ id, at, table, rowId, code, local }) => ({
      key: `refusal ${id}`,
      at,
      table,
      rowId,
      cause: { kind: 'refusal', id, code } as const,
      mine: await parseVersion(db, local),
      theirs: await readVersion(db, table, rowId),
    })),
    ...clashes.map(async ({ conflictId, at, table, id, mine, theirs }) => ({
      key: `clash ${conflictId}`,
      at,
      table,
      rowId: id,
      cause: { kind: 'clash' } as const,
      mine: await parseVersion(db, mine),
      theirs: await parseVersion(db, theirs),
    })),
    ...faults.map(async ({ table, id, state, seenAt }) => ({
      key: `fault ${table} ${id}`,
      at: seenAt,
      table,
      rowId: id,
      cause: { kind: 'fault', state } as const,
      mine: await readVersion(db, table, id),
      theirs: null,
    })),
  ]
  return (await Promise.all(problems)).toSorted((a, b) => b.at - a.at)
}

/** By SQLite and as text, because JavaScript's JSON rounds integers over 2^53. */
async function parseVersion(
  db: AbstractPowerSyncDatabase,
  json: string | null,
): Promise<Version | null> {
  if (json === null) return null
  const cells = await db.getAll<{ key: string; value: string | null }>(
    'SELECT key, CAST(value AS TEXT) AS value FROM json_each(?)',
    [json],
  )
  return Object.fromEntries(cells.map(({ key, value }) => [key, value]))
}

/** The row as the ledger shows it now. */
async function readVersion(
  db: AbstractPowerSyncDatabase,
  table: string,
  rowId: string,
): Promise<Version | null> {
  if (!isEntityTable(table)) return null
  const cells = Object.keys(localColumns(entityOf(table))).map(
    (name) => `CAST("${name}" AS TEXT) AS "${name}"`,
  )
  return db.getOptional<Version>(`SELECT ${cells.join(', ')} FROM "${table}" WHERE id = ?`, [rowId])
}
