import { exactAmount, totalColumns, wholeColumns, type TotalParts } from '../../data/amount-sql.ts'
import type { Query, SqlValue } from '../../data/query.ts'
import { dayBounds, noCategory, type Filters } from './filters.ts'
import type { RowSpan } from './row-cache.ts'

/**
 * A transaction as the list and the form read it. `amount` is signed minor units, null where
 * another device wrote what is no amount.
 */
export interface TransactionRow {
  readonly id: string
  readonly account_id: string
  readonly category_id: string | null
  readonly kind: 'expense' | 'income'
  readonly occurred_on: string
  readonly status: 'pending' | 'cleared'
  readonly amount: number | null
  readonly payee: string | null
  readonly note: string | null
  readonly created_at: number
  readonly updated_at: number
}

/** How much one account moved on one day. `expense` is zero or negative. */
export interface DayFlowRow extends TotalParts<'income'>, TotalParts<'expense'> {
  readonly day: string
  readonly account_id: string
  readonly count: number
}

const columns = `id, account_id, category_id, kind, occurred_on, status,
  ${exactAmount('amount')} AS amount, payee, note, created_at, updated_at`

/** The same as the view has them. */
const storedCells = [
  ...[
    'workspace_id',
    'account_id',
    'category_id',
    'kind',
    'occurred_on',
    'status',
    'payee',
    'note',
  ].map((name) => [name, 'TEXT'] as const),
  ...['amount', 'created_at', 'updated_at'].map((name) => [name, 'INTEGER'] as const),
]
  .map(([name, type]) => `CAST(data ->> '$.${name}' AS ${type}) AS ${name}`)
  .join(', ')

/** One transaction, as the form reads it. */
export function rowQuery(id: string): Query {
  return { sql: `SELECT ${columns} FROM transactions WHERE id = ?`, parameters: [id] }
}

/** The newest `seq` of `day_totals`, by its index. */
export const newestChangeQuery: Query = {
  sql: 'SELECT coalesce(max(seq), 0) AS seq FROM day_totals',
  parameters: [],
}

/** Above this many changed days the whole layout is read instead. */
export const followedDays = 60

/** Days of which any transaction changed since `seq`, with the newest `seq` of each, oldest first. */
export function changedDaysQuery(workspaceId: string, seq: number): Query {
  return {
    sql: 'SELECT day, seq FROM day_totals WHERE seq > ? AND +workspace_id = ? ORDER BY seq',
    parameters: [seq, workspaceId],
  }
}

function flows(columnsOf: typeof totalColumns): string {
  return `${columnsOf('income', 'income')}, ${columnsOf('expense', 'expense')}`
}

/**
 * Days with their number of rows and sums, newest first. Without a category from `day_totals`: one
 * row a day and account or, when all accounts have one currency, one row a day. With a category
 * from the index `by_category`, proportional to that category. With `since` only days that changed
 * after that `seq`, `followedDays` of them at most.
 */
export function layoutQuery(
  workspaceId: string,
  filters: Filters,
  currencies: 'one' | 'several',
  since: number | null = null,
): Query {
  const { first, last } = dayBounds(filters)
  const changed = (column: string) =>
    since === null
      ? ''
      : `AND ${column} IN (SELECT DISTINCT day FROM day_totals WHERE seq > ? AND +workspace_id = ? LIMIT ${followedDays})`
  const changedSince = since === null ? [] : [since, workspaceId]
  if (filters.categoryId === null) {
    const perDay = currencies === 'one' && filters.accountId === null
    return {
      sql: `SELECT day, ${
        perDay
          ? `MIN(account_id) AS account_id, SUM("count") AS "count", ${flows(totalColumns)}`
          : `account_id, "count", ${flows(wholeColumns)}`
      } FROM day_totals
        WHERE workspace_id = ? ${filters.accountId === null ? '' : 'AND account_id = ?'}
          AND day BETWEEN ? AND ? ${changed('day')} AND "count" > 0
        ${perDay ? 'GROUP BY day' : ''} ORDER BY day DESC`,
      parameters: [workspaceId, ...present(filters.accountId), first, last, ...changedSince],
    }
  }
  const where = filterSql(filters)
  return {
    sql: `SELECT occurred_on AS day, account_id, COUNT(*) AS "count",
        ${totalColumns('income', `CASE kind WHEN 'income' THEN ${exactAmount('amount')} END`)},
        ${totalColumns('expense', `CASE kind WHEN 'expense' THEN ${exactAmount('amount')} END`)}
      FROM transactions WHERE workspace_id = ? ${where.sql} AND occurred_on BETWEEN ? AND ?
        ${changed('occurred_on')}
      GROUP BY occurred_on, account_id ORDER BY occurred_on DESC`,
    parameters: [workspaceId, ...where.parameters, first, last, ...changedSince],
  }
}

/**
 * Rows of a span of days, newest first. With a filter the leading index is the filter's own: the
 * unary plus keeps the planner from walking every row of those days for the sake of the order.
 */
export function rowsQuery(workspaceId: string, filters: Filters, span: RowSpan): Query {
  const where = filterSql(filters)
  const created = where.sql === '' ? 'created_at' : '+created_at'
  return {
    sql: `SELECT ${columns} FROM transactions
      WHERE workspace_id = ? ${where.sql} AND occurred_on BETWEEN ? AND ?
      ORDER BY occurred_on DESC, ${created} DESC, id DESC LIMIT ? OFFSET ?`,
    parameters: [
      workspaceId,
      ...where.parameters,
      span.fromDay,
      span.toDay,
      span.limit,
      span.offset,
    ],
  }
}

/** Rows by their ids, in no order. */
export function rowsByIdQuery(ids: readonly string[]): Query {
  return {
    sql: `SELECT ${columns} FROM transactions WHERE id IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(ids)],
  }
}

/**
 * Rows that may answer a search, by their `rowid`: those that `search_text` finds and those that it
 * does not know yet. Some come twice. `limit` of them at most.
 */
export function candidatesQuery(expression: string, limit: number): Query {
  return {
    sql: `SELECT row FROM search_stale
      UNION ALL SELECT rowid FROM search_text WHERE search_text MATCH ? LIMIT ?`,
    parameters: [expression, limit],
  }
}

/**
 * Candidates that pass the filters, in no order. From the table under the view, which has the
 * `rowid`; by its limit, the subquery is made for the candidates alone, whatever else is asked.
 */
export function candidateRowsQuery(
  workspaceId: string,
  filters: Filters,
  candidates: readonly number[],
): Query {
  const where = filterSql(filters)
  const { first, last } = dayBounds(filters)
  return {
    sql: `SELECT ${columns} FROM (SELECT id, ${storedCells} FROM ps_data_local__transactions
        WHERE rowid IN (SELECT value FROM json_each(?)) LIMIT -1)
      WHERE workspace_id = ? ${where.sql} AND occurred_on BETWEEN ? AND ?`,
    parameters: [JSON.stringify(candidates), workspaceId, ...where.parameters, first, last],
  }
}

/** What was last entered with each payee, among the newest rows, most recent first. */
export interface PayeeRow {
  readonly payee: string
  readonly kind: 'expense' | 'income'
  readonly category_id: string | null
  readonly account_id: string
  readonly uses: number
}

/** Rows whose payees are suggested: bounded, so that opening the form costs the same at any size. */
const payeeHistoryRows = 2_000

export function payeesQuery(workspaceId: string): Query {
  return {
    sql: `SELECT payee, kind, category_id, account_id, COUNT(*) AS uses,
        MAX(occurred_on || printf('%016d', created_at)) AS newest
      FROM (SELECT payee, kind, category_id, account_id, occurred_on, created_at FROM transactions
        WHERE workspace_id = ? ORDER BY occurred_on DESC, created_at DESC LIMIT ?)
      WHERE payee <> '' GROUP BY payee ORDER BY newest DESC`,
    parameters: [workspaceId, payeeHistoryRows],
  }
}

function filterSql(filters: Filters): { sql: string; parameters: SqlValue[] } {
  const category =
    filters.categoryId === null
      ? ''
      : filters.categoryId === noCategory
        ? 'AND category_id IS NULL'
        : 'AND category_id = ?'
  const account =
    filters.accountId === null ? '' : category === '' ? 'AND account_id = ?' : 'AND +account_id = ?'
  return {
    sql: `${category} ${account}`.trim(),
    parameters: [
      ...(filters.categoryId === noCategory ? [] : present(filters.categoryId)),
      ...present(filters.accountId),
    ],
  }
}

function present(value: string | null): string[] {
  return value === null ? [] : [value]
}
