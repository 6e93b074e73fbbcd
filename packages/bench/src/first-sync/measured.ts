/** What a device has to have in the end. */
export interface Expected {
  readonly rows: number
  readonly ofMonth: number
  /** `YYYY-MM`. */
  readonly month: string
}

/** Milliseconds from connecting on. */
export interface Measured {
  readonly total: number
  readonly currentMonth: number
  readonly longestTaskMs: number
}
