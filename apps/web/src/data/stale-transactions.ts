import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { exactAmount } from './amount-sql.ts'
import { misfitTables, noteMisfits, type ChangedTransaction } from './misfits.ts'
import { indexTexts, searchTables, type IndexedTransaction } from './search-index.ts'

/**
 * `stale_transactions(row)`: transactions that were written and are to be looked at again once the
 * device rests, when they come into the search index and are checked against their relatives. A
 * trigger can do neither: folding a text is not SQLite's, and what belongs together may arrive apart.
 *
 * Rows are known by their `rowid`, which stays for as long as nobody runs VACUUM.
 */
const sourceTable = 'ps_data_local__transactions'
/** Named by version: another body, or another use of the rows, needs another number. */
const triggerNames = {
  insert: 'stale_v2_insert',
  update: 'stale_v2_update',
  remove: 'stale_v2_delete',
} as const

/** Of earlier versions of the app. */
const outdated = [
  ...['insert', 'update', 'delete'].map((event) => `DROP TRIGGER IF EXISTS search_v1_${event}`),
  'DROP TABLE IF EXISTS search_stale',
]

/** At every open, after PowerSync made its tables. All rows are stale when its triggers were not there. */
export async function installStaleTransactions(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    const { found } = await tx.get<{ found: number }>(
      `SELECT count(*) AS found FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?
        AND name IN (SELECT value FROM json_each(?))`,
      [sourceTable, JSON.stringify(Object.values(triggerNames))],
    )
    if (found === Object.keys(triggerNames).length) return
    for (const statement of createStatements()) await tx.execute(statement)
  })
}

function createStatements(): string[] {
  const note = (row: string) =>
    `INSERT INTO stale_transactions (row) VALUES (${row}.rowid) ON CONFLICT (row) DO NOTHING;`
  return [
    ...outdated,
    ...Object.values(triggerNames).map((name) => `DROP TRIGGER IF EXISTS ${name}`),
    'DROP TABLE IF EXISTS stale_transactions',
    ...searchTables,
    ...misfitTables,
    'CREATE TABLE stale_transactions (row INTEGER PRIMARY KEY)',
    `INSERT INTO stale_transactions SELECT rowid FROM ${sourceTable}`,
    `CREATE TRIGGER ${triggerNames.insert} AFTER INSERT ON ${sourceTable} BEGIN ${note('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.update} AFTER UPDATE ON ${sourceTable} BEGIN ${note('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.remove} AFTER DELETE ON ${sourceTable} BEGIN ${note('OLD')} END`,
  ]
}

/** Looks at up to `maxRows` stale rows again, in one transaction; how many it were. */
export async function handleStaleTransactions(
  db: AbstractPowerSyncDatabase,
  maxRows: number,
  nowMs: number = Date.now(),
): Promise<number> {
  return db.writeTransaction(async (tx) => {
    const rows = await tx.getAll<IndexedTransaction & ChangedTransaction>(
      `SELECT stale.row AS row, source.id AS id, source.data ->> '$.payee' AS payee,
         source.data ->> '$.note' AS note, source.data ->> '$.parent_id' AS parentId,
         source.data ->> '$.original_amount' IS NOT NULL AS isForeign,
         coalesce(${exactAmount("CAST(source.data ->> '$.amount' AS INTEGER)")}, 0) AS amount
       FROM stale_transactions AS stale
       LEFT JOIN ${sourceTable} AS source ON source.rowid = stale.row
       ORDER BY stale.row DESC LIMIT ?`,
      [maxRows],
    )
    if (rows.length === 0) return 0
    await indexTexts(tx, rows)
    await noteMisfits(tx, rows, nowMs)
    await tx.execute(
      'DELETE FROM stale_transactions WHERE row IN (SELECT value FROM json_each(?))',
      [JSON.stringify(rows.map(({ row }) => row))],
    )
    return rows.length
  })
}
