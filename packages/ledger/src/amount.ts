declare const brand: unique symbol

/** Signed minor units of a currency: 1234 is 12.34 in EUR. A safe integer, so always exact. */
export type AmountMinor = number & { readonly [brand]: 'amount-minor' }

/** Most minor units, either way: 2^53 - 1. */
export const maxAmountMinor = Number.MAX_SAFE_INTEGER

/** @throws unless the number is a safe integer. */
export function asAmountMinor(minorUnits: number): AmountMinor {
  if (!Number.isSafeInteger(minorUnits)) throw new RangeError('not a whole amount of minor units')
  return (minorUnits === 0 ? 0 : minorUnits) as AmountMinor // no negative zero
}

/**
 * For a parameter of a statement: SQLite's JavaScript drivers bind a number outside 32 bits as a
 * floating-point value, and a bigint as an integer.
 */
export function toSqlInteger(amount: AmountMinor): bigint {
  return BigInt(amount)
}

/**
 * From a column: drivers give large integers as bigint, `json_each` may give text. Null when there
 * is no whole number within 2^53 - 1: another device may have written anything.
 */
export function readAmount(value: number | bigint | string | null): AmountMinor | null {
  if (value === null || (typeof value === 'string' && !/^-?[0-9]+$/.test(value))) return null
  const minorUnits = Number(value)
  return Number.isSafeInteger(minorUnits) ? asAmountMinor(minorUnits) : null
}
