/**
 * A sum of amounts in minor units, exact whatever its size: a number within 2^53 - 1, a bigint
 * beyond. An amount of one row is never that large, a sum of some may be.
 */
export type Total = number | bigint

/** How many low bits are summed apart: see `totalOf`. */
export const totalPartBits = 20
const partSize = 2 ** totalPartBits

/**
 * The sum whose addends were cut in two: `high` is the sum of `amount >> 20`, `low` that of the
 * bits below. Neither part comes near the limits of SQLite's integers or of JavaScript's numbers.
 */
export function totalOf(high: number, low: number): Total {
  const sum = high * partSize + low
  return Number.isSafeInteger(sum) ? sum : BigInt(high) * BigInt(partSize) + BigInt(low)
}

export function addTotals(one: Total, other: Total): Total {
  if (typeof one === 'number' && typeof other === 'number') {
    const sum = one + other
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = BigInt(one) + BigInt(other)
  return Number.isSafeInteger(Number(sum)) ? Number(sum) : sum
}

export function negateTotal(total: Total): Total {
  return total === 0 ? 0 : -total
}

/** `part` of `whole`, for a bar or a percentage: no longer exact. */
export function shareOfTotal(part: Total, whole: Total): number {
  return Number(part) / Number(whole)
}
