import { toInteger, type Breach, type Cells } from './breach.ts'
import { isCurrency } from './currency.ts'

/** A rule about one row, of more than the form of its columns. */
export interface RowRule {
  /** Every column that it looks at. */
  readonly columns: readonly string[]
  /** Null where the row keeps it, or where a value is missing or of the wrong form. */
  readonly check: (row: Cells) => Breach | null
}

export interface EntityRules {
  /** Sealed columns without which the row says nothing. The visible ones are in the schema. */
  readonly required: readonly string[]
  readonly rules: readonly RowRule[]
}

/** A hundred years of instalments. */
const mostMonths = 1_200
/** Percent a year. */
const mostInterest = 1_000
/** Units of one currency for one of another, far beyond any that was ever quoted. */
const leastRate = 1e-12
const mostRate = 1e12

/**
 * What the server cannot check, for every entity of packages/schema. docs/ledger-rules.md tells the
 * same to people. An amount has no rule of sign: a refund is a positive amount of an expense.
 */
export const entityRules = {
  workspace_settings: { required: [], rules: [] },
  accounts: { required: [], rules: [] },
  categories: { required: [], rules: [] },
  debts: { required: ['principal'], rules: [integerRange('principal', 0n)] },
  loans: {
    required: ['principal', 'interest_rate', 'term_months', 'payment'],
    rules: [
      integerRange('principal', 0n),
      integerRange('payment', 0n),
      integerRange('term_months', 1n, BigInt(mostMonths)),
      decimalRange('interest_rate', 0, mostInterest),
    ],
  },
  schedules: {
    required: ['template', 'rule'],
    rules: [jsonObject('template'), jsonObject('rule')],
  },
  transactions: {
    required: ['amount'],
    rules: [
      decimalRange('original_rate', leastRate, mostRate),
      currencyCode('original_currency'),
      goTogether(['original_amount', 'original_currency', 'original_rate']),
      sameDirection('original_amount', 'amount'),
    ],
  },
  loan_payments: {
    required: ['amount', 'principal_part', 'interest_part'],
    rules: [sumOf('amount', 'principal_part', 'interest_part')],
  },
  budgets: { required: ['amount'], rules: [integerRange('amount', 0n)] },
  exchange_rates: {
    required: ['rate'],
    rules: [decimalRange('rate', leastRate, mostRate), differ('quote', 'base')],
  },
} as const satisfies Record<string, EntityRules>

/** The plaintext tables that have rules here: every one of packages/schema. */
export type RuledTable = keyof typeof entityRules

function integerRange(column: string, min: bigint, max?: bigint): RowRule {
  return rule([column], (row) => {
    const value = toInteger(row[column])
    if (value === null || (value >= min && (max === undefined || value <= max))) return null
    return { kind: 'out-of-range', column }
  })
}

function decimalRange(column: string, min: number, max: number): RowRule {
  return rule([column], (row) => {
    const value = row[column]
    if (typeof value !== 'string') return null
    // What is no decimal at all is found by its form.
    return Number(value) < min || Number(value) > max ? { kind: 'out-of-range', column } : null
  })
}

function currencyCode(column: string): RowRule {
  return rule([column], (row) => {
    const value = row[column]
    return typeof value !== 'string' || isCurrency(value) ? null : { kind: 'invalid', column }
  })
}

function jsonObject(column: string): RowRule {
  return rule([column], (row) => {
    const value = row[column]
    return typeof value !== 'string' || isJsonObject(value) ? null : { kind: 'invalid', column }
  })
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** All of them have a value, or none has. */
function goTogether(columns: readonly [string, ...string[]]): RowRule {
  const [first] = columns
  return rule(columns, (row) => {
    const isThere = (row[first] ?? null) !== null
    for (const column of columns) {
      if (((row[column] ?? null) !== null) === isThere) continue
      return { kind: 'inconsistent', column, with: first }
    }
    return null
  })
}

/** Zero goes with either: a small amount of one currency rounds to none of another. */
function sameDirection(column: string, other: string): RowRule {
  return rule([column, other], (row) => {
    const one = toInteger(row[column] ?? null)
    if (one === null) return null
    const two = toInteger(row[other] ?? null)
    if (two === null || one * two >= 0n) return null
    return { kind: 'inconsistent', column, with: other }
  })
}

function sumOf(column: string, first: string, second: string): RowRule {
  return rule([column, first, second], (row) => {
    const [sum, one, two] = [column, first, second].map((name) => toInteger(row[name] ?? null))
    if (typeof sum !== 'bigint' || typeof one !== 'bigint' || typeof two !== 'bigint') return null
    return sum === one + two ? null : { kind: 'inconsistent', column, with: first }
  })
}

function differ(column: string, other: string): RowRule {
  return rule([column, other], (row) =>
    row[column] === row[other] ? { kind: 'inconsistent', column, with: other } : null,
  )
}

function rule(columns: readonly string[], check: RowRule['check']): RowRule {
  return { columns, check }
}
