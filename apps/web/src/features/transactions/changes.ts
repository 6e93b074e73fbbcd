import type { LockContext } from '@powersync/common'
import type { Query } from '../../data/query.ts'
import { toListDays, type CurrencyOf } from './days.ts'
import type { Filters } from './filters.ts'
import type { ListDay } from './layout.ts'
import {
  changedDaysQuery,
  layoutQuery,
  rowsQuery,
  type DayFlowRow,
  type TransactionRow,
} from './queries.ts'
import type { RowSpan } from './row-cache.ts'

export type Reader = Pick<LockContext, 'getAll'>

/** What decides about the list's days and their rows. */
export interface ListScope {
  readonly filters: Filters
  readonly currencyOf: CurrencyOf
  readonly currencies: 'one' | 'several'
}

/** What changed since the layout was read. */
export interface Changes {
  readonly days: ReadonlySet<string>
  /** Up to which change of `day_totals` this is true. */
  readonly seq: number
  /** What is left of these days. */
  readonly left: readonly ListDay[]
  /** The rows of a span, when they are among those that were asked for; else null. */
  rowsOf(span: RowSpan): readonly TransactionRow[] | null
}

/** Rows that may have come into a span since it was laid out. */
const addedRows = 8
/** After every day. */
const lastDay = '9999-12-31'

/**
 * Everything in one turn of the database's worker: what changed is not known when the rows in the
 * window, `shown`, are asked for. `isTop`: a newer day may have come in above them.
 */
export async function readChanges(
  reader: Reader,
  workspaceId: string,
  { filters, currencyOf, currencies }: ListScope,
  since: number,
  shown: readonly RowSpan[],
  isTop: boolean,
): Promise<Changes> {
  const asked = shown.map((span, index) => ({
    ...span,
    toDay: isTop && index === 0 ? lastDay : span.toDay,
    limit: span.limit + addedRows,
  }))
  const [changed, flows, ...answers] = await Promise.all([
    read<{ day: string; seq: number }>(reader, changedDaysQuery(workspaceId, since)),
    read<DayFlowRow>(reader, layoutQuery(workspaceId, filters, currencies, since)),
    ...asked.map((span) => read<TransactionRow>(reader, rowsQuery(workspaceId, filters, span))),
  ])
  return {
    days: new Set(changed.map(({ day }) => day)),
    seq: changed.at(-1)?.seq ?? since,
    left: toListDays(flows, currencyOf),
    rowsOf(span) {
      for (const [index, answer] of answers.entries()) {
        const rows = rowsWithin(asked[index], answer, span)
        if (rows !== null) return rows
      }
      return null
    },
  }
}

function rowsWithin(
  asked: RowSpan | undefined,
  answer: readonly TransactionRow[],
  span: RowSpan,
): readonly TransactionRow[] | null {
  if (asked === undefined || asked.offset !== span.offset) return null
  if (asked.fromDay > span.fromDay || asked.toDay < span.toDay) return null
  // From an offset on, an answer says nothing about a day in which it does not begin.
  if (span.offset > 0 && (asked.fromDay !== span.fromDay || asked.toDay !== span.toDay)) return null
  const rows = answer.filter(({ occurred_on: day }) => span.fromDay <= day && day <= span.toDay)
  const isWhole = answer.length < asked.limit || rows.length >= span.limit
  return isWhole ? rows.slice(0, span.limit) : null
}

export function read<Row>(reader: Reader, { sql, parameters }: Query): Promise<Row[]> {
  return reader.getAll<Row>(sql, [...parameters])
}
