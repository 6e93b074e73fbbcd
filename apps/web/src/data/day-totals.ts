import type { AbstractPowerSyncDatabase, Transaction } from '@powersync/common'
import { exactAmount } from './amount-sql.ts'

/**
 * `day_totals(workspace_id, account_id, day, income, expense, count, seq)`: the transactions of one
 * account on one day, in signed minor units by their `kind`, so that a refund lessens `expense`.
 * An amount beyond what is exact counts as none, or one row could make every later sum fail.
 * Month totals, balances and the list's layout come from it without a scan. `seq` is higher than
 * every other at each change of a transaction of that day, whatever changed in it: a reader that
 * knows the highest one finds the days that changed since. So a day that became empty stays.
 *
 * A raw table beside PowerSync's, kept by triggers on the table under the `transactions` view in
 * the writer's own transaction, whoever writes. An ordinary rowid table: SQLite reports no change
 * of a WITHOUT ROWID table, and live queries would miss it.
 */
const sourceTable = 'ps_data_local__transactions'
/** Named by version: another body needs another number, and is then filled anew. */
const triggerNames = {
  insert: 'day_totals_v3_insert',
  update: 'day_totals_v3_update',
  remove: 'day_totals_v3_delete',
} as const

/** Of earlier versions of the app. */
const outdatedTriggers = ['v1', 'v2'].flatMap((version) =>
  ['insert', 'update', 'delete'].map((event) => `day_totals_${version}_${event}`),
)

/** At every open, after PowerSync made its tables. Fills the table when its triggers were not there. */
export async function installDayTotals(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    if (await hasTriggers(tx)) return
    for (const statement of [...createStatements(), fillStatement]) await tx.execute(statement)
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
    ...outdatedTriggers.map((name) => `DROP TRIGGER IF EXISTS ${name}`),
    ...Object.values(triggerNames).map((name) => `DROP TRIGGER IF EXISTS ${name}`),
    'DROP TABLE IF EXISTS day_totals',
    `CREATE TABLE day_totals (
      workspace_id TEXT NOT NULL, account_id TEXT NOT NULL, day TEXT NOT NULL,
      income INTEGER NOT NULL, expense INTEGER NOT NULL, count INTEGER NOT NULL,
      seq INTEGER NOT NULL)`,
    'CREATE UNIQUE INDEX day_totals_place ON day_totals (workspace_id, day, account_id)',
    'CREATE INDEX day_totals_seq ON day_totals (seq)',
    `CREATE TRIGGER ${triggerNames.insert} AFTER INSERT ON ${sourceTable}
      WHEN ${isPlaced('NEW')} BEGIN ${add('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.remove} AFTER DELETE ON ${sourceTable}
      WHEN ${isPlaced('OLD')} BEGIN ${subtract('OLD')} END`,
    `CREATE TRIGGER ${triggerNames.update} AFTER UPDATE ON ${sourceTable}
      WHEN ${isPlaced('OLD')} OR ${isPlaced('NEW')} BEGIN ${subtract('OLD')} ${add('NEW')} END`,
  ]
}

const fillStatement = `INSERT INTO day_totals (workspace_id, account_id, day, income, expense, count, seq)
    SELECT ${column('row', 'workspace_id')} AS workspace, ${column('row', 'account_id')} AS account,
      ${column('row', 'occurred_on')} AS day,
      ${wholeTotal(amountOf('row', 'income'))}, ${wholeTotal(amountOf('row', 'expense'))}, count(*), 1
    FROM ${sourceTable} AS row WHERE ${isPlaced('row')} GROUP BY workspace, account, day`

/** Exact to 2^63, and beyond it a floating-point number, where `sum` alone would fail. */
function wholeTotal(amount: string): string {
  const part = 2 ** 20
  return `sum(${amount} / ${part}) * ${part} + sum(${amount} % ${part})`
}

const nextSeq = '(SELECT coalesce(max(seq), 0) + 1 FROM day_totals)'

function add(row: string): string {
  return `INSERT INTO day_totals (workspace_id, account_id, day, income, expense, count, seq)
    SELECT ${column(row, 'workspace_id')}, ${column(row, 'account_id')}, ${column(row, 'occurred_on')},
      ${amountOf(row, 'income')}, ${amountOf(row, 'expense')}, 1, ${nextSeq} WHERE ${isPlaced(row)}
    ON CONFLICT (workspace_id, day, account_id) DO UPDATE SET income = income + excluded.income,
      expense = expense + excluded.expense, count = count + 1, seq = excluded.seq;`
}

function subtract(row: string): string {
  return `UPDATE day_totals SET income = income - ${amountOf(row, 'income')},
      expense = expense - ${amountOf(row, 'expense')}, count = count - 1, seq = ${nextSeq}
    WHERE workspace_id = ${column(row, 'workspace_id')} AND day = ${column(row, 'occurred_on')}
      AND account_id = ${column(row, 'account_id')};`
}

/** A row without a day or an account is in no total, as in no list. */
function isPlaced(row: string): string {
  return ['workspace_id', 'account_id', 'occurred_on']
    .map((name) => `${column(row, name)} IS NOT NULL`)
    .join(' AND ')
}

function amountOf(row: string, kind: 'income' | 'expense'): string {
  const amount = exactAmount(`CAST(${column(row, 'amount')} AS INTEGER)`)
  return `iif(${column(row, 'kind')} = '${kind}', coalesce(${amount}, 0), 0)`
}

function column(row: string, name: string): string {
  return `json_extract(${row}.data, '$.${name}')`
}
