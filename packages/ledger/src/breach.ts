/** A rule that a row breaks. It names the column and never holds a value. */
export type Breach =
  | { readonly kind: 'missing'; readonly column: string }
  /** Not of the column's form: no calendar day, no decimal, no such choice. */
  | { readonly kind: 'invalid'; readonly column: string }
  | { readonly kind: 'too-long'; readonly column: string; readonly maxBytes: number }
  | { readonly kind: 'out-of-range'; readonly column: string }
  /** Does not go with the other column. */
  | { readonly kind: 'inconsistent'; readonly column: string; readonly with: string }
  /** The parts of a split are not what the whole is. */
  | { readonly kind: 'split-differs'; readonly column: 'amount' | 'account_id' | 'occurred_on' }

/** A row's values by column, as they come from a form, from SQLite or out of an envelope. */
export type Cells = Readonly<Record<string, unknown>>

/** A value as an exact integer; null for what is none. */
export function toInteger(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null
  return typeof value === 'string' && /^-?[0-9]+$/.test(value) ? BigInt(value) : null
}
