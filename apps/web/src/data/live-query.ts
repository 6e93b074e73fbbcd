import { useQuery } from '@powersync/react'
import type { SqlValue } from './query.ts'

export interface LiveRows<Row> {
  readonly data: readonly Row[]
  /** True until the first result or error. */
  readonly isLoading: boolean
  readonly error: Error | undefined
}

/** A write is on the screen in the next frame; the default of 30 ms would cost two. */
const throttleMs = 1

/** Rows of a SELECT, read again whenever a table that it reads changes, from whichever tab or device. */
export function useLiveQuery<Row>(
  sql: string,
  parameters: readonly SqlValue[] = [],
): LiveRows<Row> {
  const { data, isLoading, error } = useQuery<Row>(sql, [...parameters], {
    throttleMs,
    reportFetching: false,
  })
  return { data, isLoading, error }
}
