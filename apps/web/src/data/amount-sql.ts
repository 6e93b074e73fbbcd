import { maxAmountMinor, totalOf, totalPartBits, type Total } from '@sealbook/ledger'

/**
 * An amount of a row, or NULL where another device wrote more than is exact: then it is in no sum
 * and shows as unreadable.
 */
export function exactAmount(column: string): string {
  return `iif(${column} BETWEEN -${maxAmountMinor} AND ${maxAmountMinor}, ${column}, NULL)`
}

/** A sum in two parts, as `totalColumns` selects it. */
export type TotalParts<Name extends string> = Readonly<
  Record<`${Name}_high` | `${Name}_low`, number>
>

/**
 * SQL of the sum of a whole number over the rows of a group, in two columns: exact at any size,
 * where `sum` fails beyond 2^63, `total` rounds beyond 2^53, and drivers hand over large integers
 * as one or the other kind of number. Read it with `readTotal`.
 */
export function totalColumns(name: string, amount: string): string {
  return `coalesce(sum((${amount}) >> ${totalPartBits}), 0) AS ${name}_high,
    coalesce(sum((${amount}) & ${partMask}), 0) AS ${name}_low`
}

/** The same of one row's value. */
export function wholeColumns(name: string, amount: string): string {
  return `(${amount}) >> ${totalPartBits} AS ${name}_high, (${amount}) & ${partMask} AS ${name}_low`
}

export function readTotal<Name extends string>(row: TotalParts<Name>, name: Name): Total {
  return totalOf(row[`${name}_high`], row[`${name}_low`])
}

const partMask = 2 ** totalPartBits - 1
