import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  entityRules,
  isDay,
  maxAmountMinor,
  newBreaches,
  rowChecker,
  type Cells,
  type ColumnForm,
  type RuledTable,
} from './index.ts'

const visible = (type: ColumnForm['type'], more: Partial<ColumnForm> = {}): ColumnForm => ({
  visibility: 'visible',
  type,
  nullable: false,
  ...more,
})
const sealed = (type: ColumnForm['type'], maxBytes = 40): ColumnForm => ({
  visibility: 'sealed',
  type,
  nullable: false,
  ...(type === 'integer' ? {} : { maxBytes }),
})
const uuid = '00000000-0000-4000-8000-00000000000a'

/** One column of every form, in a table that has no rule of its own. */
const forms = rowChecker('categories', {
  id: visible('id'),
  parent: visible('id', { nullable: true }),
  day: visible('date'),
  month: visible('month'),
  at: visible('instant'),
  place: visible('integer', { min: -5, max: 5 }),
  currency: visible('currency'),
  kind: visible('choice', { choices: ['expense', 'income'] }),
  sum: sealed('integer'),
  rate: sealed('decimal'),
  text: sealed('text', 8),
})
const sound: Cells = {
  id: uuid,
  parent: null,
  day: '2024-02-29',
  month: '2024-12',
  at: 0,
  place: -5,
  currency: 'XXX',
  kind: 'income',
  sum: BigInt(-maxAmountMinor),
  rate: '-1.250',
  text: 'éééé',
}

function breaches(table: RuledTable, columns: Record<string, ColumnForm>, row: Cells): string[] {
  return rowChecker(table, columns)
    .checkRow(row)
    .map(({ kind, column }) => `${column} ${kind}`)
}

describe('the form of a value', () => {
  it('is kept by a sound row', () => {
    expect(forms.checkRow(sound)).toEqual([])
    expect(forms.checkRow({ ...sound, sum: maxAmountMinor, rate: null, text: null })).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['id', uuid.toUpperCase(), 'invalid'],
    ['id', null, 'missing'],
    ['parent', '', 'invalid'],
    ['day', '2025-02-29', 'invalid'],
    ['day', '9999-99-99', 'invalid'],
    ['day', '2025-1-01', 'invalid'],
    ['day', 20_250_101, 'invalid'],
    ['month', '2025-13', 'invalid'],
    ['at', -1, 'out-of-range'],
    ['at', 8_640_000_000_000_001, 'out-of-range'],
    ['at', '0', 'invalid'],
    ['place', 6, 'out-of-range'],
    ['place', 0.5, 'invalid'],
    ['place', Infinity, 'invalid'],
    ['currency', 'eur', 'invalid'],
    ['kind', 'gift', 'invalid'],
    ['kind', 'toString', 'invalid'],
    ['sum', 2n ** 53n, 'out-of-range'],
    ['sum', 2n ** 63n - 1n, 'out-of-range'],
    ['sum', -(2n ** 63n), 'out-of-range'],
    ['sum', '12', 'invalid'],
    ['rate', '1e3', 'invalid'],
    ['rate', '01', 'invalid'],
    ['rate', '1'.repeat(41), 'too-long'],
    ['text', 'ééééé', 'too-long'],
    ['text', 7n, 'invalid'],
  ])('of %s is not %s', (column, value, kind) => {
    expect(forms.checkRow({ ...sound, [column]: value })).toMatchObject([{ kind, column }])
    expect(forms.checkCells({ [column]: value })).toMatchObject([{ kind, column }])
  })

  it('is asked of every value, whatever its type, and no value is in the answer', () => {
    const marker = 'zebra'
    const anything = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary' }),
      fc.bigInt(),
      fc.constant(`${marker}${marker}`),
    )
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(sound)), anything, (column, value) => {
        const found = forms.checkRow({ ...sound, [column]: value })
        expect(found.every((breach) => breach.column === column)).toBe(true)
        expect(JSON.stringify(found)).not.toContain(marker)
      }),
    )
  })

  it('names a column that the entity does not have', () => {
    expect(forms.checkCells({ colour: 'red' })).toEqual([{ kind: 'invalid', column: 'colour' }])
  })
})

describe('isDay', () => {
  it('agrees with the calendar', () => {
    const part = (max: number) => fc.integer({ min: 0, max })
    fc.assert(
      fc.property(part(9999), part(14), part(33), (year, month, day) => {
        const pad = (value: number, length: number) => String(value).padStart(length, '0')
        const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
        const date = new Date(0)
        date.setUTCFullYear(year, month - 1, day)
        const isSame =
          date.getUTCFullYear() === year &&
          date.getUTCMonth() === month - 1 &&
          date.getUTCDate() === day
        expect(isDay(text)).toBe(isSame)
      }),
    )
  })
})

describe('transactions', () => {
  const columns = {
    amount: sealed('integer'),
    original_amount: sealed('integer'),
    original_currency: sealed('text', 3),
    original_rate: sealed('decimal'),
  }
  const foreign = {
    amount: -925n,
    original_amount: -1_000n,
    original_currency: 'USD',
    original_rate: '0.925',
  }
  const found = (row: Cells) => breaches('transactions', columns, row)

  it('have an amount of either sign, since a refund lessens an expense', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (amount) => {
        expect(found({ amount: BigInt(amount) })).toEqual([])
      }),
    )
    expect(found({})).toEqual(['amount missing'])
  })

  it('have an original amount with its currency and rate, or none of them', () => {
    expect(found(foreign)).toEqual([])
    for (const column of ['original_amount', 'original_currency', 'original_rate']) {
      expect(found({ ...foreign, [column]: null })).toHaveLength(1)
    }
    expect(found({ ...foreign, original_currency: 'usd' })).toEqual(['original_currency invalid'])
    expect(found({ ...foreign, original_amount: 1_000n })).toEqual(['original_amount inconsistent'])
    expect(found({ ...foreign, amount: 0n })).toEqual([])
  })

  it.each(['0', '-0.925', '0.0000000000001', '1000000000000.1'])('have no rate of %s', (rate) => {
    expect(found({ ...foreign, original_rate: rate })).toEqual(['original_rate out-of-range'])
  })
})

describe('debts, loans and their payments', () => {
  it('have no negative principal', () => {
    const columns = { principal: sealed('integer') }
    expect(breaches('debts', columns, { principal: 0n })).toEqual([])
    expect(breaches('debts', columns, { principal: -1n })).toEqual(['principal out-of-range'])
    expect(breaches('debts', columns, { principal: null })).toEqual(['principal missing'])
  })

  it.each<[string, unknown, string | null]>([
    ['principal', -1n, 'out-of-range'],
    ['payment', -1n, 'out-of-range'],
    ['term_months', 0n, 'out-of-range'],
    ['term_months', 1_200n, null],
    ['term_months', 1_201n, 'out-of-range'],
    ['interest_rate', '0', null],
    ['interest_rate', '-0.1', 'out-of-range'],
    ['interest_rate', '1000.01', 'out-of-range'],
    ['interest_rate', null, 'missing'],
  ])('a loan with a %s of %s', (column, value, kind) => {
    const columns = {
      principal: sealed('integer'),
      payment: sealed('integer'),
      term_months: sealed('integer'),
      interest_rate: sealed('decimal'),
    }
    const loan = { principal: 1n, payment: 1n, term_months: 360n, interest_rate: '3.25' }
    expect(breaches('loans', columns, { ...loan, [column]: value })).toEqual(
      kind === null ? [] : [`${column} ${kind}`],
    )
  })

  it('a payment is its principal and its interest', () => {
    const columns = {
      amount: sealed('integer'),
      principal_part: sealed('integer'),
      interest_part: sealed('integer'),
    }
    const part = fc.integer({ min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(part, part, fc.constantFrom(0, 0, 1, -1), (principal, interest, off) => {
        const payment = {
          amount: BigInt(principal + interest + off),
          principal_part: BigInt(principal),
          interest_part: interest,
        }
        expect(breaches('loan_payments', columns, payment)).toEqual(
          off === 0 ? [] : ['amount inconsistent'],
        )
      }),
    )
  })
})

describe('budgets, exchange rates and schedules', () => {
  it('keep their rules', () => {
    const budget = { amount: sealed('integer') }
    expect(breaches('budgets', budget, { amount: 0n })).toEqual([])
    expect(breaches('budgets', budget, { amount: -1n })).toEqual(['amount out-of-range'])

    const rate = { base: visible('currency'), quote: visible('currency'), rate: sealed('decimal') }
    const pair = { base: 'EUR', quote: 'USD', rate: '1.08' }
    expect(breaches('exchange_rates', rate, pair)).toEqual([])
    expect(breaches('exchange_rates', rate, { ...pair, quote: 'EUR' })).toEqual([
      'quote inconsistent',
    ])
    expect(breaches('exchange_rates', rate, { ...pair, rate: '0' })).toEqual(['rate out-of-range'])

    const schedule = { template: sealed('text', 100), rule: sealed('text', 100) }
    expect(breaches('schedules', schedule, { template: '{}', rule: '{"every":1}' })).toEqual([])
    expect(breaches('schedules', schedule, { template: '[]', rule: '{' })).toEqual([
      'template invalid',
      'rule invalid',
    ])
  })
})

describe('a change of some columns', () => {
  it('needs the columns that their rules look at too, and no others', () => {
    const checker = rowChecker('transactions', {})
    expect(checker.columnsBeside(['payee', 'note'])).toEqual([])
    expect(new Set(checker.columnsBeside(['amount']))).toEqual(
      new Set(['original_amount', 'amount']),
    )
    expect(rowChecker('budgets', {}).columnsBeside(['month'])).toEqual([])
  })

  it('may leave what was broken before, and break nothing more', () => {
    const old = { kind: 'inconsistent', column: 'amount', with: 'principal_part' } as const
    const more = { kind: 'out-of-range', column: 'amount' } as const
    expect(newBreaches([old], [old])).toEqual([])
    expect(newBreaches([old], [old, more])).toEqual([more])
    expect(newBreaches([], [old])).toEqual([old])
  })
})

it('every rule looks at nothing but the columns that it names', () => {
  for (const [table, { rules }] of Object.entries(entityRules)) {
    for (const { columns, check } of rules) {
      const looked = new Set<string>()
      const row = new Proxy({}, { get: (_, name) => void looked.add(String(name)) })
      check(row)
      expect([table, [...looked].filter((name) => !columns.includes(name))]).toEqual([table, []])
    }
  }
})
