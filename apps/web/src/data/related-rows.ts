import type { LockContext } from '@powersync/common'
import {
  checkOriginalAmount,
  checkSplit,
  newBreaches,
  type Breach,
  type Cells,
} from '@sealbook/ledger'
import type { EntityTable } from '@sealbook/schema'
import { checkerOf } from './checkers.ts'

/** A database or a transaction of it. */
export type RowReader = Pick<LockContext, 'getAll'>

/** Columns of a transaction by which it hangs together with other rows. */
const relatedColumns = [
  'account_id',
  'occurred_on',
  'amount',
  'parent_id',
  'original_amount',
  'original_currency',
  'original_rate',
]

/** New transactions against their accounts, and against the splits that they are parts of. */
export async function checkNewTransactions(
  reader: RowReader,
  rows: readonly Cells[],
): Promise<readonly Breach[]> {
  const foreign = rows.filter((row) => (row['original_amount'] ?? null) !== null)
  const wholeIds = new Set(rows.flatMap((row) => textsOf(row['parent_id'])))
  if (foreign.length === 0 && wholeIds.size === 0) return []
  const currencies = await readCurrencies(reader, foreign)
  const before = wholeIds.size === 0 ? [] : await readSplits(reader, [...wholeIds])
  return [
    ...foreign.flatMap((row) => checkRate(row, currencies)),
    ...checkSplits([...wholeIds], before, [...before, ...rows]),
  ]
}

/** A change of a row against what the row and its relatives hold. What was broken may stay so. */
export async function checkChange(
  reader: RowReader,
  table: EntityTable,
  id: string,
  changes: Cells,
): Promise<readonly Breach[]> {
  const checker = checkerOf(table)
  const names = Object.keys(changes)
  const beside = checker.columnsBeside(names)
  const isRelated = table === 'transactions' && names.some((name) => relatedColumns.includes(name))
  if (!isRelated && beside.length === 0) return []
  const parentId = textsOf(changes['parent_id'])
  const before = isRelated
    ? await readSplits(reader, [id, ...parentId], id)
    : await readRow(reader, table, id, beside)
  const old = before.find((row) => row['id'] === id)
  if (old === undefined) return []
  const changed = { ...old, ...changes }
  const ofRow = newBreaches(checker.checkRules(old), checker.checkRules(changed))
  if (!isRelated) return ofRow
  const currencies = await readCurrencies(reader, [old, changed])
  const after = before.map((row) => (row === old ? changed : row))
  const wholeIds = [...new Set([id, ...textsOf(old['parent_id']), ...parentId])]
  return [
    ...ofRow,
    ...newBreaches(checkRate(old, currencies), checkRate(changed, currencies)),
    ...checkSplits(wholeIds, before, after),
  ]
}

/** What stored transactions break, by id: each by its account, and as the whole of these parts. */
export async function relatedBreaches(
  reader: RowReader,
  ids: readonly string[],
  partIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Breach[]>> {
  const rows = await reader.getAll<Record<string, unknown>>(
    `SELECT t.id, ${textColumns(relatedColumns)} FROM transactions AS t
      WHERE t.id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify([...ids, ...partIds])],
  )
  const currencies = await readCurrencies(reader, rows)
  const asked = new Set<unknown>(ids)
  return new Map(
    rows
      .filter((row) => asked.has(row['id']))
      .map((row) => {
        const id = String(row['id'])
        return [id, [...splitBreaches(id, rows), ...checkRate(row, currencies)]]
      }),
  )
}

function checkSplits(
  wholeIds: readonly string[],
  before: readonly Cells[],
  after: readonly Cells[],
): readonly Breach[] {
  return wholeIds.flatMap((id) => newBreaches(splitBreaches(id, before), splitBreaches(id, after)))
}

function splitBreaches(wholeId: string, rows: readonly Cells[]): readonly Breach[] {
  const whole = rows.find((row) => row['id'] === wholeId)
  // A part may arrive before its whole.
  if (whole === undefined) return []
  return checkSplit(
    whole,
    rows.filter((row) => row['parent_id'] === wholeId),
  )
}

function checkRate(row: Cells, currencies: ReadonlyMap<string, string>): readonly Breach[] {
  const currency = currencies.get(String(row['account_id']))
  const breach = currency === undefined ? null : checkOriginalAmount(row, currency)
  return breach === null ? [] : [breach]
}

async function readCurrencies(
  reader: RowReader,
  rows: readonly Cells[],
): Promise<ReadonlyMap<string, string>> {
  const foreign = rows.filter((row) => (row['original_amount'] ?? null) !== null)
  if (foreign.length === 0) return new Map()
  const found = await reader.getAll<{ id: string; currency: string }>(
    'SELECT id, currency FROM accounts WHERE id IN (SELECT value FROM json_each(?))',
    [JSON.stringify(foreign.map((row) => row['account_id']))],
  )
  return new Map(found.map(({ id, currency }) => [id, currency]))
}

/**
 * Transactions by their ids, the parent of one of them, and all of their parts: these are on the
 * account and the day of their whole, so that an index finds them, which the planner is made to use.
 */
async function readSplits(
  reader: RowReader,
  ids: readonly string[],
  childId: string | null = null,
): Promise<readonly Cells[]> {
  const columns = textColumns(relatedColumns)
  return reader.getAll<Record<string, unknown>>(
    `WITH wholes AS MATERIALIZED (
        SELECT id, workspace_id, account_id, occurred_on FROM transactions
        WHERE id IN (SELECT value FROM json_each(?)
          UNION SELECT parent_id FROM transactions WHERE id = ?))
      SELECT t.id, ${columns} FROM wholes CROSS JOIN transactions AS t ON t.id = wholes.id
      UNION SELECT t.id, ${columns} FROM wholes CROSS JOIN transactions AS t
        ON t.workspace_id = wholes.workspace_id AND t.account_id = wholes.account_id
          AND t.occurred_on = wholes.occurred_on AND t.parent_id = wholes.id`,
    [JSON.stringify(ids), childId],
  )
}

async function readRow(
  reader: RowReader,
  table: EntityTable,
  id: string,
  columns: readonly string[],
): Promise<readonly Cells[]> {
  return reader.getAll<Record<string, unknown>>(
    `SELECT t.id, ${textColumns(columns)} FROM "${table}" AS t WHERE t.id = ?`,
    [id],
  )
}

/** As text, because drivers round integers beyond 2^53. */
function textColumns(names: readonly string[]): string {
  return names.map((name) => `CAST(t."${name}" AS TEXT) AS "${name}"`).join(', ')
}

function textsOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : []
}
