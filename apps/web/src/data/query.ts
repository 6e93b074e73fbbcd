/** Never `undefined`: SQLite would bind the previous row's value. Money is bound as a bigint. */
export type SqlValue = string | number | bigint | null

/** A SELECT and its parameters, so that a test can look at its plan. */
export interface Query {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}
