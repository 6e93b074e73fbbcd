import { maxAmountMinor } from './amount.ts'
import type { Breach } from './breach.ts'
import { isCurrency } from './currency.ts'
import { isDay, isMonth } from './month.ts'

/** What packages/schema says of a column. Named here because this package imports none. */
export interface ColumnForm {
  readonly visibility: 'visible' | 'sealed'
  readonly type:
    'id' | 'date' | 'month' | 'instant' | 'integer' | 'currency' | 'choice' | 'text' | 'decimal'
  readonly nullable: boolean
  /** Of a text or decimal, in UTF-8. */
  readonly maxBytes?: number
  /** Of a visible integer; a sealed one is an amount. */
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
}

/** Checks one value; null where it breaks no rule. */
export type CellRule = (value: unknown) => Breach | null

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** As packages/crypto seals decimals: anything else could not be sealed. */
const decimalPattern = /^-?(0|[1-9]\d*)(\.\d+)?$/
const maxInstantMs = 8_640_000_000_000_000
/** A UTF-16 unit is at most this many bytes of UTF-8. */
const bytesPerUnit = 3
const encoder = new TextEncoder()

/** The rule of one column, whatever the row's other values are. */
export function cellRule(column: string, form: ColumnForm, isRequired: boolean): CellRule {
  const invalid = { kind: 'invalid', column } as const
  const missing = isRequired ? ({ kind: 'missing', column } as const) : null
  if (form.type === 'integer' || form.type === 'instant') {
    const outOfRange = { kind: 'out-of-range', column } as const
    const { min, max } = rangeOf(form)
    return (value) => {
      if (value === null) return missing
      if (typeof value !== 'bigint' && !Number.isInteger(value)) return invalid
      return (value as number | bigint) >= min && (value as number | bigint) <= max
        ? null
        : outOfRange
    }
  }
  const { maxBytes } = form
  const tooLong = maxBytes === undefined ? null : ({ kind: 'too-long', column, maxBytes } as const)
  const isOfForm = textRule(form)
  /** Rows come in runs of one workspace, account and day: comparing is cheaper than a pattern. */
  let lastSound = ''
  return (value) => {
    if (value === null) return missing
    if (typeof value !== 'string') return invalid
    if (value === lastSound && value !== '') return null
    if (tooLong !== null && isLonger(value, tooLong.maxBytes)) return tooLong
    if (!isOfForm(value)) return invalid
    lastSound = value
    return null
  }
}

function isLonger(text: string, maxBytes: number): boolean {
  return text.length * bytesPerUnit > maxBytes && encoder.encode(text).length > maxBytes
}

function rangeOf(form: ColumnForm): { min: number; max: number } {
  if (form.type === 'instant') return { min: 0, max: maxInstantMs }
  return { min: form.min ?? -maxAmountMinor, max: form.max ?? maxAmountMinor }
}

function textRule(form: ColumnForm): (value: string) => boolean {
  switch (form.type) {
    case 'id':
      return (value) => uuidPattern.test(value)
    case 'date':
      return isDay
    case 'month':
      return isMonth
    case 'currency':
      return isCurrency
    case 'choice':
      return (value) => form.choices?.includes(value) === true
    case 'decimal':
      return (value) => decimalPattern.test(value)
    case 'text':
      return () => true
    case 'integer':
    case 'instant':
      return () => false
  }
}
