import type { Column } from '@sealbook/schema'
import type { Result } from './session-types.ts'

/** Why one value may not be stored: the server would refuse the row, so the device does first. */
export type CellError =
  | { readonly kind: 'too-long'; readonly column: string; readonly maxBytes: number }
  | { readonly kind: 'out-of-range'; readonly column: string }
  | { readonly kind: 'invalid'; readonly column: string }

export type CellValue = string | number | bigint | null

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const datePattern = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const monthPattern = /^\d{4}-(0[1-9]|1[0-2])$/
/** As packages/crypto seals decimals: anything else could not be sealed. */
const decimalPattern = /^-?(0|[1-9]\d*)(\.\d+)?$/
const currencyPattern = /^[A-Z]{3}$/
const maxInstantMs = 8_640_000_000_000_000
/** A UTF-16 unit is at most this many bytes of UTF-8. */
const bytesPerUnit = 3
const encoder = new TextEncoder()

/** Checks a value against the limits of its column in `packages/schema`. */
export function checkCell(
  name: string,
  column: Column,
  value: unknown,
): Result<CellValue, CellError> {
  const invalid = { ok: false, error: { kind: 'invalid', column: name } } as const
  if (value === null) {
    return column.visibility === 'sealed' || column.nullable ? { ok: true, value } : invalid
  }
  if (typeof value === 'string') {
    const maxBytes = maxBytesOf(column)
    if (
      maxBytes !== null &&
      value.length * bytesPerUnit > maxBytes &&
      encoder.encode(value).length > maxBytes
    ) {
      return { ok: false, error: { kind: 'too-long', column: name, maxBytes } }
    }
    return isText(column, value) ? { ok: true, value } : invalid
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const range = rangeOf(column)
    if (range === null || (typeof value === 'number' && !Number.isInteger(value))) return invalid
    const inside = value >= range.min && value <= range.max
    return inside
      ? { ok: true, value }
      : { ok: false, error: { kind: 'out-of-range', column: name } }
  }
  return invalid
}

function maxBytesOf(column: Column): number | null {
  return column.visibility === 'sealed' && column.type !== 'integer' ? column.maxBytes : null
}

function isText(column: Column, value: string): boolean {
  switch (column.type) {
    case 'text':
      return true
    case 'decimal':
      return decimalPattern.test(value)
    case 'id':
      return uuidPattern.test(value)
    case 'date':
      return datePattern.test(value)
    case 'month':
      return monthPattern.test(value)
    case 'currency':
      return currencyPattern.test(value)
    case 'choice':
      return column.choices.includes(value)
    case 'integer':
    case 'instant':
      return false
  }
}

function rangeOf(column: Column): { min: number; max: number } | null {
  if (column.type === 'instant') return { min: 0, max: maxInstantMs }
  if (column.type !== 'integer') return null
  if (column.visibility === 'visible') return { min: column.min, max: column.max }
  return { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }
}
