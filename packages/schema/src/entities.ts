import { column, type Entity } from './entity.ts'

const nameBytes = 400
const noteBytes = 8_000
/** Room for every rate with all the digits that a bank prints. */
const rateBytes = 40

/** The workspace's own particulars: one row, whose id is the workspace's id. */
const workspaceSettings = {
  table: 'workspace_settings',
  columns: { currency: column.currency, name: column.sealedText(nameBytes) },
  localIndexes: {},
  mergeGroups: [],
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
    note: column.sealedNote(noteBytes),
  },
  localIndexes: { by_workspace: ['workspace_id', 'sort_order'] },
  mergeGroups: [{ columns: ['currency', 'opening_balance'], when: 'currency' }],
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
  mergeGroups: [{ columns: ['kind', 'parent_id'], when: 'kind' }],
} as const satisfies Entity

/** Money lent or borrowed without instalments. `principal` is in minor units of `currency`. */
const debts = {
  table: 'debts',
  columns: {
    direction: column.choice(['lent', 'borrowed']),
    currency: column.currency,
    opened_on: column.date,
    due_on: column.optionalDate,
    settled_on: column.optionalDate,
    counterparty: column.sealedText(nameBytes),
    principal: column.sealedInteger,
    note: column.sealedNote(noteBytes),
  },
  localIndexes: { by_workspace: ['workspace_id', 'opened_on'] },
  mergeGroups: [{ columns: ['direction', 'currency', 'principal'] }],
} as const satisfies Entity

/**
 * Money borrowed and paid back by instalments. `principal` and `payment` are minor units of
 * `currency`, `interest_rate` is per year in percent, `term_months` counts the instalments.
 */
const loans = {
  table: 'loans',
  columns: {
    currency: column.currency,
    started_on: column.date,
    lender: column.sealedText(nameBytes),
    name: column.sealedText(nameBytes),
    principal: column.sealedInteger,
    interest_rate: column.sealedDecimal(rateBytes),
    term_months: column.sealedInteger,
    payment: column.sealedInteger,
    note: column.sealedNote(noteBytes),
  },
  localIndexes: { by_workspace: ['workspace_id', 'started_on'] },
  mergeGroups: [
    // One plan of instalments follows from all of them.
    { columns: ['currency', 'started_on', 'principal', 'interest_rate', 'term_months', 'payment'] },
  ],
} as const satisfies Entity

/**
 * A transaction that comes again. `template` is what each one is made from, `rule` when; both are
 * JSON. `next_on` is null once there is no next one.
 */
const schedules = {
  table: 'schedules',
  columns: {
    next_on: column.optionalDate,
    template: column.sealedText(noteBytes),
    rule: column.sealedText(1_000),
  },
  localIndexes: { by_workspace: ['workspace_id', 'next_on'] },
  mergeGroups: [{ columns: ['next_on', 'rule'] }],
} as const satisfies Entity

/**
 * Money in or out of one account. `amount` is signed minor units of the account's currency:
 * negative for an expense. A refund is a positive amount in an expense category. Both sides of a
 * transfer have one `transfer_id`, which is no row's id. The parts of a split have the whole as
 * their parent. `tags` has one tag a line. `original_amount` is in minor units of
 * `original_currency`; times `original_rate` it is `amount`, in whole units of each.
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
    note: column.sealedNote(noteBytes),
    transfer_id: column.optionalId(),
    parent_id: column.optionalId('transactions'),
    loan_id: column.optionalId('loans'),
    debt_id: column.optionalId('debts'),
    schedule_id: column.optionalId('schedules'),
    tags: column.optionalSealedLines(2_000),
    import_reference: column.optionalSealedText(nameBytes),
    original_amount: column.optionalSealedInteger,
    original_currency: column.optionalSealedText(3),
    original_rate: column.optionalSealedDecimal(rateBytes),
  },
  localIndexes: {
    by_day: ['workspace_id', 'occurred_on', 'created_at'],
    by_account: ['workspace_id', 'account_id', 'occurred_on'],
    by_category: ['workspace_id', 'category_id', 'occurred_on'],
  },
  mergeGroups: [
    { columns: ['amount', 'original_amount', 'original_currency', 'original_rate'] },
    // The account says in which currency the amount is, the kind which sign it has.
    { columns: ['account_id', 'amount'], when: 'account_id' },
    { columns: ['kind', 'amount', 'category_id'], when: 'kind' },
  ],
} as const satisfies Entity

/** One instalment of a loan, due or paid. Its parts are minor units of the loan's currency. */
const loanPayments = {
  table: 'loan_payments',
  columns: {
    loan_id: column.id('loans'),
    transaction_id: column.optionalId('transactions'),
    due_on: column.date,
    paid_on: column.optionalDate,
    amount: column.sealedInteger,
    principal_part: column.sealedInteger,
    interest_part: column.sealedInteger,
    note: column.sealedNote(noteBytes),
  },
  localIndexes: { by_loan: ['workspace_id', 'loan_id', 'due_on'] },
  mergeGroups: [
    { columns: ['loan_id', 'amount', 'principal_part', 'interest_part'] },
    { columns: ['transaction_id', 'paid_on'] },
  ],
} as const satisfies Entity

/** What may be spent in one category in one month, in minor units of the workspace's currency. */
const budgets = {
  table: 'budgets',
  columns: {
    category_id: column.id('categories'),
    month: column.month,
    amount: column.sealedInteger,
  },
  localIndexes: { by_month: ['workspace_id', 'month', 'category_id'] },
  mergeGroups: [{ columns: ['category_id', 'month', 'amount'] }],
} as const satisfies Entity

/** One whole unit of `base` was worth `rate` whole units of `quote` on a day. */
const exchangeRates = {
  table: 'exchange_rates',
  columns: {
    base: column.currency,
    quote: column.currency,
    on_date: column.date,
    rate: column.sealedDecimal(rateBytes),
  },
  localIndexes: { by_pair: ['workspace_id', 'base', 'quote', 'on_date'] },
  mergeGroups: [{ columns: ['base', 'quote', 'on_date', 'rate'] }],
} as const satisfies Entity

/** Parents first, so that rows created together upload in an order that the server accepts. */
export const entities = [
  workspaceSettings,
  accounts,
  categories,
  debts,
  loans,
  schedules,
  transactions,
  loanPayments,
  budgets,
  exchangeRates,
] as const

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
