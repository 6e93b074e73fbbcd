import { column, type Entity } from './entity.ts'

const nameBytes = 400
const noteBytes = 8_000

/** The workspace's own particulars: one row, whose id is the workspace's id. */
const workspaceSettings = {
  table: 'workspace_settings',
  columns: { currency: column.currency, name: column.sealedText(nameBytes) },
  localIndexes: {},
} as const satisfies Entity

/** A place where money is. `opening_balance` is in minor units of `currency`. */
const accounts = {
  table: 'accounts',
  columns: {
    type: column.choice(['checking', 'savings', 'cash', 'card', 'investment', 'other']),
    currency: column.currency,
    sort_order: column.integer(-1_000_000, 1_000_000),
    archived_at: column.optionalInstant,
    name: column.sealedText(nameBytes),
    opening_balance: column.sealedInteger,
    note: column.sealedText(noteBytes),
  },
  localIndexes: { by_workspace: ['workspace_id', 'sort_order'] },
} as const satisfies Entity

const categories = {
  table: 'categories',
  columns: {
    parent_id: column.optionalId('categories'),
    kind: column.choice(['expense', 'income']),
    sort_order: column.integer(-1_000_000, 1_000_000),
    archived_at: column.optionalInstant,
    name: column.sealedText(nameBytes),
    icon: column.sealedText(64),
    colour: column.sealedText(32),
  },
  localIndexes: { by_workspace: ['workspace_id', 'sort_order'] },
} as const satisfies Entity

/**
 * Money in or out of one account. `amount` is signed minor units of the account's currency:
 * negative for an expense. A refund is a positive amount in an expense category.
 */
const transactions = {
  table: 'transactions',
  columns: {
    account_id: column.id('accounts'),
    category_id: column.optionalId('categories'),
    kind: column.choice(['expense', 'income']),
    occurred_on: column.date,
    status: column.choice(['pending', 'cleared']),
    amount: column.sealedInteger,
    payee: column.sealedText(nameBytes),
    note: column.sealedText(noteBytes),
  },
  localIndexes: {
    by_day: ['workspace_id', 'occurred_on', 'created_at'],
    by_account: ['workspace_id', 'account_id', 'occurred_on'],
    by_category: ['workspace_id', 'category_id', 'occurred_on'],
  },
} as const satisfies Entity

/** Parents first, so that rows created together upload in an order that the server accepts. */
export const entities = [workspaceSettings, accounts, categories, transactions] as const

export type EntityTable = (typeof entities)[number]['table']

/** @throws when no entity has that plaintext table. */
export function entityOf(table: EntityTable): Entity {
  const found = entities.find((entity) => entity.table === table)
  if (found === undefined) throw new Error(`no entity has the table ${table}`)
  return found
}

export function isEntityTable(table: string): table is EntityTable {
  return entities.some((entity) => entity.table === table)
}
