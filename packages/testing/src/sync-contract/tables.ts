import { column, ColumnType, Schema, Table } from '@powersync/common'
import {
  buildPowerSyncSchema,
  membershipsTable,
  serverLivesTable,
} from '@sealbook/schema/powersync'

/** How a column's value in Postgres and on a client are made comparable texts. */
export type ValueKind = 'text' | 'integer' | 'boolean' | 'real' | 'instant' | 'time' | 'json'

/** A table that clients hold. */
export interface SyncedTable {
  readonly name: string
  readonly columns: Readonly<Record<string, ValueKind>>
  /** Which of its rows the person `$1` may hold, in SQL. */
  readonly visible: string
}

const ofWorkspaces =
  'workspace_id IN (SELECT workspace_id FROM workspace_memberships WHERE user_id = $1)'

const contractTable = (name: string, columns: SyncedTable['columns']): SyncedTable => ({
  name,
  columns: { workspace_id: 'text', ...columns },
  visible: ofWorkspaces,
})

export const valuesTable = contractTable('contract_values', {
  words: 'text',
  long_words: 'text',
  limited: 'text',
  small: 'integer',
  whole: 'integer',
  big: 'integer',
  exact: 'text',
  approximate: 'real',
  flag: 'boolean',
  day: 'text',
  clock: 'time',
  local_time: 'time',
  instant: 'instant',
  document: 'json',
  binary_document: 'json',
  other_id: 'text',
  mood: 'text',
  tags: 'json',
  numbers: 'json',
  grid: 'json',
  moods: 'text', // arrays of one's own types stay as Postgres writes them
})
/** `doubled` is generated: Postgres does not publish it unless it is told to. */
export const generatedTable = contractTable('contract_generated', {
  amount: 'integer',
  words: 'text',
})
export const truncatedTable = contractTable('contract_truncated', { words: 'text' })
/** `added` is a column that a test adds. */
export const widenedTable = contractTable('contract_widened', { words: 'text', added: 'text' })

const clockTable: SyncedTable = {
  name: 'contract_clock',
  columns: { version: 'integer' },
  visible: 'id IN (SELECT clock_id FROM contract_clock_viewers WHERE user_id = $1)',
}

const visibleByTable: Readonly<Record<string, string>> = {
  [membershipsTable]: 'user_id = $1',
  [serverLivesTable]: '$1::uuid IS NOT NULL', // everybody's
}

/** What a device of the app holds, as packages/schema defines it. */
export const appTables: readonly SyncedTable[] = buildPowerSyncSchema()
  .tables.filter(({ localOnly }) => !localOnly)
  .map(({ name, columns }) => ({
    name,
    columns: Object.fromEntries(
      columns.map((field) => [field.name, field.type === ColumnType.INTEGER ? 'integer' : 'text']),
    ),
    visible: visibleByTable[name] ?? ofWorkspaces,
  }))

/** What the randomised runs change and compare. */
export const trackedTables: readonly SyncedTable[] = [...appTables, clockTable]

/** Everything that clients hold, but for the table that gets its columns on the way. */
export const comparedTables: readonly SyncedTable[] = [
  ...trackedTables,
  valuesTable,
  generatedTable,
  truncatedTable,
]

/** The clients' schema: the app's twins as they are, and the suite's tables. */
export function buildContractSchema(): Schema {
  return new Schema(
    Object.fromEntries(
      [...comparedTables, widenedTable].map(({ name, columns }) => [
        name,
        new Table(
          Object.fromEntries(
            Object.entries(columns).map(([field, kind]) => [field, sqliteType(kind)]),
          ),
        ),
      ]),
    ),
  )
}

function sqliteType(kind: ValueKind) {
  if (kind === 'integer' || kind === 'boolean') return column.integer
  return kind === 'real' ? column.real : column.text
}
