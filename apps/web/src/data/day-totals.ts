import type { AbstractPowerSyncDatabase, Transaction } from '@powersync/common'

/**
 * `day_totals(workspace_id, account_id, day, income, expense, count)`: the transactions of one
 * account on one day, in signed minor units by their `kind`, so that a refund lessens `expense`.
 * Month totals, balances and the list's layout come from it without a scan.
 *
 * A raw table beside PowerSync's, kept by triggers on the table under the `transactions` view in
 * the writer's own transaction, whoever writes. An ordinary rowid table: SQLite reports no change
 * of a WITHOUT ROWID table, and live queries would miss it.
 */
const sourceTable = 'ps_data_local__transactions'
/** Named by version: another body needs another number, and is then filled anew. */
const triggerNames = {
  insert: 'day_totals_v1_insert',
  update: 'day_totals_v1_update',
  remove: 'day_totals_v1_delete',
} as const

/** At every open, after PowerSync made its tables. Fills the table when its triggers were not there. */
export async function installDayTotals(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    if (await hasTriggers(tx)) return
    for (const statement of [...createStatements(), ...fillStatements]) await tx.execute(statement)
  })
}

async function hasTriggers(tx: Transaction): Promise<boolean> {
  const { found } = await tx.get<{ found: number }>(
    `SELECT count(*) AS found FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?
      AND name IN (SELECT value FROM json_each(?))`,
    [sourceTable, JSON.stringify(Object.values(triggerNames))],
  )
  return found === Object.keys(triggerNames).length
}

function createStatements(): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS day_totals (
      workspace_id TEXT NOT NULL, account_id TEXT NOT NULL, day TEXT NOT NULL,
      income INTEGER NOT NULL, expense INTEGER NOT NULL, count INTEGER NOT NULL)`,
    'CREATE UNIQUE INDEX IF NOT EXISTS day_totals_place ON day_totals (workspace_id, day, account_id)',
    ...Object.values(triggerNames).map((name) => `DROP TRIGGER IF EXISTS ${name}`),
    `CREATE TRIGGER ${triggerNames.insert} AFTER INSERT ON ${sourceTable}
      WHEN ${isPlaced('NEW')} BEGIN ${add('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.remove} AFTER DELETE ON ${sourceTable}
      WHEN ${isPlaced('OLD')} BEGIN ${subtract('OLD')} END`,
    `CREATE TRIGGER ${triggerNames.update} AFTER UPDATE ON ${sourceTable}
      WHEN ${isPlaced('OLD')} OR ${isPlaced('NEW')} BEGIN ${subtract('OLD')} ${add('NEW')} END`,
  ]
}

const fillStatements = [
  // A WHERE clause, or SQLite would empty it without telling live queries.
  'DELETE FROM day_totals WHERE true',
  `INSERT INTO day_totals (workspace_id, account_id, day, income, expense, count)
    SELECT ${column('row', 'workspace_id')} AS workspace, ${column('row', 'account_id')} AS account,
      ${column('row', 'occurred_on')} AS day,
      sum(${amountOf('row', 'income')}), sum(${amountOf('row', 'expense')}), count(*)
    FROM ${sourceTable} AS row WHERE ${isPlaced('row')} GROUP BY workspace, account, day`,
]

function add(row: string): string {
  return `INSERT INTO day_totals (workspace_id, account_id, day, income, expense, count)
    SELECT ${column(row, 'workspace_id')}, ${column(row, 'account_id')}, ${column(row, 'occurred_on')},
      ${amountOf(row, 'income')}, ${amountOf(row, 'expense')}, 1 WHERE ${isPlaced(row)}
    ON CONFLICT (workspace_id, day, account_id) DO UPDATE SET
      income = income + excluded.income, expense = expense + excluded.expense, count = count + 1;`
}

function subtract(row: string): string {
  const place = `workspace_id = ${column(row, 'workspace_id')} AND day = ${column(row, 'occurred_on')}
    AND account_id = ${column(row, 'account_id')}`
  return `UPDATE day_totals SET income = income - ${amountOf(row, 'income')},
      expense = expense - ${amountOf(row, 'expense')}, count = count - 1 WHERE ${place};
    DELETE FROM day_totals WHERE ${place} AND count = 0;`
}

/** A row without a day or an account is in no total, as in no list. */
function isPlaced(row: string): string {
  return ['workspace_id', 'account_id', 'occurred_on']
    .map((name) => `${column(row, name)} IS NOT NULL`)
    .join(' AND ')
}

function amountOf(row: string, kind: 'income' | 'expense'): string {
  const amount = `CAST(${column(row, 'amount')} AS INTEGER)`
  return `iif(${column(row, 'kind')} = '${kind}', coalesce(${amount}, 0), 0)`
}

function column(row: string, name: string): string {
  return `json_extract(${row}.data, '$.${name}')`
}
