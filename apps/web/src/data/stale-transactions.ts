import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { exactAmount } from './amount-sql.ts'
import { misfitTables, noteMisfits, type ChangedTransaction } from './misfits.ts'
import { indexTexts, searchTables, type IndexedTransaction } from './search-index.ts'

/**
 * `search_stale(row)`: transactions that were written and are to be looked at again once the device
 * rests, when they come into the search index and are checked against their relatives. A trigger can
 * do neither: folding a text is not SQLite's, and what belongs together may arrive apart.
 *
 * Rows are known by their `rowid`, which stays for as long as nobody runs VACUUM.
 */
const sourceTable = 'ps_data_local__transactions'
/** Named by version: another text needs another number, and is then filled anew. */
const triggerNames = {
  insert: 'search_v2_insert',
  update: 'search_v2_update',
  remove: 'search_v2_delete',
} as const

/** Of earlier versions of the app, which folded fewer letters. */
const outdatedTriggers = ['search_v1_insert', 'search_v1_update', 'search_v1_delete']

/** At every open, after PowerSync made its tables. All rows are stale when something was not there. */
export async function installStaleTransactions(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    const { triggers, misfits } = await tx.get<{ triggers: number; misfits: number }>(
      `SELECT total(type = 'trigger') AS triggers, total(type = 'table') AS misfits
        FROM sqlite_master WHERE name = 'misfits' OR (type = 'trigger' AND tbl_name = ?
          AND name IN (SELECT value FROM json_each(?)))`,
      [sourceTable, JSON.stringify(Object.values(triggerNames))],
    )
    const isIndexed = triggers === Object.keys(triggerNames).length
    if (isIndexed && misfits === 1) return
    const statements = [...(isIndexed ? [] : indexStatements()), ...misfitTables, allStale]
    for (const statement of statements) await tx.execute(statement)
  })
}

const allStale = `INSERT OR IGNORE INTO search_stale SELECT rowid FROM ${sourceTable}`

function indexStatements(): string[] {
  const note = (row: string) =>
    `INSERT INTO search_stale (row) VALUES (${row}.rowid) ON CONFLICT (row) DO NOTHING;`
  return [
    ...[...outdatedTriggers, ...Object.values(triggerNames)].map(
      (name) => `DROP TRIGGER IF EXISTS ${name}`,
    ),
    ...searchTables,
    'DROP TABLE IF EXISTS search_stale',
    'CREATE TABLE search_stale (row INTEGER PRIMARY KEY)',
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
       FROM search_stale AS stale
       LEFT JOIN ${sourceTable} AS source ON source.rowid = stale.row
       ORDER BY stale.row DESC LIMIT ?`,
      [maxRows],
    )
    if (rows.length === 0) return 0
    await indexTexts(tx, rows)
    await noteMisfits(tx, rows, nowMs)
    await tx.execute('DELETE FROM search_stale WHERE row IN (SELECT value FROM json_each(?))', [
      JSON.stringify(rows.map(({ row }) => row)),
    ])
    return rows.length
  })
}
