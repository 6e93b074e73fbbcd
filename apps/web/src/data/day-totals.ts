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
 *
 * The router writes thousands of rows a transaction, of few days: for as long as it has
 * `router_control.mute` set, rows are only listed in `day_totals_bulk`, and added together when it
 * lets go.
 */
const sourceTable = 'ps_data_local__transactions'
/** Named by version: another body needs another number, and is then filled anew. */
const triggerNames = {
  insert: 'day_totals_v4_insert',
  update: 'day_totals_v4_update',
  remove: 'day_totals_v4_delete',
  bulkInsert: 'day_totals_v4_bulk_insert',
  bulkUpdate: 'day_totals_v4_bulk_update',
  bulkEnd: 'day_totals_v4_bulk_end',
} as const

/** Of earlier versions of the app. */
const outdatedTriggers = ['v1', 'v2', 'v3'].flatMap((version) =>
  ['insert', 'update', 'delete'].map((event) => `day_totals_${version}_${event}`),
)

/** At every open, after `installRouter`. Fills the table when its triggers were not there. */
export async function installDayTotals(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    if (await hasTriggers(tx)) return
    for (const statement of [...createStatements(), fillStatement]) await tx.execute(statement)
  })
}

async function hasTriggers(tx: Transaction): Promise<boolean> {
  const { found } = await tx.get<{ found: number }>(
    `SELECT count(*) AS found FROM sqlite_master WHERE type = 'trigger'
      AND name IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(Object.values(triggerNames))],
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
    'DROP TABLE IF EXISTS day_totals_bulk',
    'CREATE TABLE day_totals_bulk (row INTEGER PRIMARY KEY)',
    `CREATE TRIGGER ${triggerNames.insert} AFTER INSERT ON ${sourceTable}
      WHEN NOT ${isBulk} AND ${isPlaced('NEW')} BEGIN ${add('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.update} AFTER UPDATE ON ${sourceTable}
      WHEN NOT ${isBulk} AND (${isPlaced('OLD')} OR ${isPlaced('NEW')})
      BEGIN ${subtract('OLD')} ${add('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.remove} AFTER DELETE ON ${sourceTable}
      BEGIN ${subtract('OLD')} DELETE FROM day_totals_bulk WHERE row = OLD.rowid; END`,
    `CREATE TRIGGER ${triggerNames.bulkInsert} AFTER INSERT ON ${sourceTable}
      WHEN ${isBulk} BEGIN ${addLater('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.bulkUpdate} AFTER UPDATE ON ${sourceTable}
      WHEN ${isBulk} BEGIN ${subtract('OLD')} ${addLater('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.bulkEnd} AFTER UPDATE OF mute ON router_control
      WHEN NEW.mute = 0 AND EXISTS (SELECT 1 FROM day_totals_bulk)
      BEGIN ${addBulk} DELETE FROM day_totals_bulk; END`,
  ]
}

const isBulk = '(SELECT mute FROM router_control)'
const nextSeq = '(SELECT coalesce(max(seq), 0) + 1 FROM day_totals)'
const columns = 'workspace_id, account_id, day, income, expense, count, seq'
const onConflict = `ON CONFLICT (workspace_id, day, account_id) DO UPDATE
  SET income = income + excluded.income, expense = expense + excluded.expense,
    count = count + excluded.count, seq = excluded.seq`

const fillStatement = `INSERT INTO day_totals (${columns}) ${totalsOf(`${sourceTable} AS source`)}`

const addBulk = `INSERT INTO day_totals (${columns})
  ${totalsOf(`day_totals_bulk CROSS JOIN ${sourceTable} AS source ON source.rowid = day_totals_bulk.row`)}
  ${onConflict};`

/** Totals of the rows of `source`, by day. By its limit, the subquery reads each cell only once. */
function totalsOf(from: string): string {
  return `SELECT workspace, account, on_day, ${wholeTotal("iif(kind = 'income', amount, 0)")},
      ${wholeTotal("iif(kind = 'expense', amount, 0)")}, count(*), ${nextSeq}
    FROM (SELECT ${column('source', 'workspace_id')} AS workspace,
      ${column('source', 'account_id')} AS account, ${column('source', 'occurred_on')} AS on_day,
      ${column('source', 'kind')} AS kind, ${amountOf('source')} AS amount FROM ${from} LIMIT -1)
    WHERE workspace IS NOT NULL AND account IS NOT NULL AND on_day IS NOT NULL
    GROUP BY workspace, account, on_day`
}

/** Exact to 2^63, and beyond it a floating-point number, where `sum` alone would fail. */
function wholeTotal(amount: string): string {
  const part = 2 ** 20
  return `sum(${amount} / ${part}) * ${part} + sum(${amount} % ${part})`
}

function add(row: string): string {
  return `INSERT INTO day_totals (${columns})
    SELECT ${column(row, 'workspace_id')}, ${column(row, 'account_id')}, ${column(row, 'occurred_on')},
      ${amountIf('income', row)}, ${amountIf('expense', row)}, 1, ${nextSeq} WHERE ${isPlaced(row)}
    ${onConflict};`
}

function addLater(row: string): string {
  return `INSERT INTO day_totals_bulk (row) VALUES (${row}.rowid) ON CONFLICT (row) DO NOTHING;`
}

/** Unless it was not added yet. */
function subtract(row: string): string {
  return `UPDATE day_totals SET income = income - ${amountIf('income', row)},
      expense = expense - ${amountIf('expense', row)}, count = count - 1, seq = ${nextSeq}
    WHERE workspace_id = ${column(row, 'workspace_id')} AND day = ${column(row, 'occurred_on')}
      AND account_id = ${column(row, 'account_id')}
      AND NOT EXISTS (SELECT 1 FROM day_totals_bulk WHERE row = ${row}.rowid);`
}

/** A row without a day or an account is in no total, as in no list. */
function isPlaced(row: string): string {
  return ['workspace_id', 'account_id', 'occurred_on']
    .map((name) => `${column(row, name)} IS NOT NULL`)
    .join(' AND ')
}

function amountOf(row: string): string {
  return `coalesce(${exactAmount(`CAST(${column(row, 'amount')} AS INTEGER)`)}, 0)`
}

function amountIf(kind: 'income' | 'expense', row: string): string {
  return `iif(${column(row, 'kind')} = '${kind}', ${amountOf(row)}, 0)`
}

function column(row: string, name: string): string {
  return `json_extract(${row}.data, '$.${name}')`
}
