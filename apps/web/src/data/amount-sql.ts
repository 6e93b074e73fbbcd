import { maxAmountMinor } from '@sealbook/ledger'

/**
 * An amount of a row, or NULL where another device wrote more than is exact: then it is in no sum
 * and shows as unreadable. Sums are made by `total`, since `sum` fails beyond 2^63.
 */
export function exactAmount(column: string): string {
  return `iif(${column} BETWEEN -${maxAmountMinor} AND ${maxAmountMinor}, ${column}, NULL)`
}
