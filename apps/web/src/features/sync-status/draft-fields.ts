import { parseMoney, amountErrorText, amountInputText } from '../../data/money.ts'
import { checkerOf } from '../../data/checkers.ts'
import { rowErrorText } from '../../data/row-error-text.ts'
import { farDayDoubt } from '../../data/far-day.ts'
import type { Result } from '../../data/session-types.ts'
import { readAmount } from '@sealbook/ledger'
import { entityOf, isEntityTable, localColumns, type Column } from '@sealbook/schema'
import { columnLabel, compareColumns, currencyOf, type ValueWords } from './problem-differences.ts'
import type { Version } from './problem-sentence.ts'

/** A column of a refused change that the person can edit. */
export interface DraftField {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'paragraphs' | 'amount' | 'date' | 'account' | 'category'
  /** As the form shows it. */
  readonly text: string
}

export interface DraftFault {
  readonly name: string
  readonly error: string
}

export type DraftCells = Readonly<Record<string, string | bigint | null>>

/** What of a refused change can be edited: its words, amounts, days and what it belongs to. */
export function draftFields(
  table: string,
  draft: Version,
  words: Pick<ValueWords, 'account'>,
): readonly DraftField[] {
  if (!isEntityTable(table)) return []
  return Object.entries(entityOf(table).columns)
    .flatMap(([name, column]): DraftField[] => {
      const kind = kindOf(name, column)
      const value = draft[name] ?? ''
      if (kind === null || (value === '' && !alwaysShown.has(name))) return []
      if (kind !== 'amount') return [{ name, label: columnLabel(name), kind, text: value }]
      const currency = currencyOf(name, draft, words)
      if (currency === undefined) return []
      const amount = turned(draft, name, BigInt(value))
      const text = amountInputText(readAmount(amount), currency)
      return [{ name, label: columnLabel(name), kind, text }]
    })
    .toSorted((a, b) => compareColumns(a.name, b.name))
}

/** What the person entered as cells, of the fields that they changed; or what is wrong with it. */
export function draftCells(
  table: string,
  draft: Version,
  fields: readonly DraftField[],
  entered: Readonly<Record<string, string>>,
  words: Pick<ValueWords, 'account'>,
): Result<DraftCells, DraftFault> {
  if (!isEntityTable(table)) return { ok: true, value: {} }
  const cells: Record<string, string | bigint | null> = {}
  for (const { name, kind, text } of fields) {
    const now = (entered[name] ?? text).trim()
    if (now === text) continue
    if (kind !== 'amount') {
      cells[name] = now === '' && kind === 'category' ? null : now
      continue
    }
    const currency = currencyOf(name, { ...draft, ...entered }, words) ?? 'EUR'
    const amount = parseMoney(now, currency)
    if (!amount.ok) {
      return { ok: false, error: { name, error: amountErrorText(amount.error, currency) } }
    }
    cells[name] = turned(draft, name, BigInt(amount.value))
  }
  const checker = checkerOf(table)
  const whole = { ...typedCells(table, draft), ...cells }
  const [breach] = [...checker.checkCells(cells), ...checker.checkRules(whole)]
  if (breach !== undefined) {
    return { ok: false, error: { name: breach.column, error: rowErrorText(breach) } }
  }
  return { ok: true, value: cells }
}

/** A question about a day that the person entered, possible and yet hardly meant; null without one. */
export function draftDoubt(
  fields: readonly DraftField[],
  entered: Readonly<Record<string, string>>,
  today: string,
): DraftFault | null {
  for (const { name, kind, text } of fields) {
    const now = entered[name] ?? text
    const doubt = kind === 'date' && now !== text ? farDayDoubt(now, today) : null
    if (doubt !== null) return { name, error: doubt }
  }
  return null
}

/** As the row has it from as the form has it, and back: an expense is entered by its size. */
function turned(draft: Version, name: string, amount: bigint): bigint {
  return name === 'amount' && draft['kind'] === 'expense' ? -amount : amount
}

const alwaysShown = new Set(['payee', 'note', 'category_id'])

function kindOf(name: string, column: Column): DraftField['kind'] | null {
  switch (column.type) {
    case 'text':
      return column.joins === 'paragraphs' ? 'paragraphs' : 'text'
    case 'integer':
      return column.visibility === 'sealed' && name !== 'term_months' ? 'amount' : null
    case 'date':
      return 'date'
    case 'id':
      if (column.references === 'accounts') return 'account'
      return column.references === 'categories' && name === 'category_id' ? 'category' : null
    case 'choice':
    case 'currency':
    case 'decimal':
    case 'instant':
    case 'month':
      return null
  }
}

function typedCells(table: Parameters<typeof entityOf>[0], draft: Version): DraftCells {
  return Object.fromEntries(
    Object.entries(localColumns(entityOf(table))).map(([name, { type }]) => {
      const value = draft[name] ?? null
      const isInteger = value !== null && (type === 'integer' || type === 'instant')
      return [name, isInteger ? BigInt(value) : value]
    }),
  )
}
