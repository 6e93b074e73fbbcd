import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { read, type Reader } from './changes.ts'
import type { Filters } from './filters.ts'
import type { ListLayout } from './layout.ts'
import { candidateRowsQuery, candidatesQuery, rowsQuery, type TransactionRow } from './queries.ts'
import { joinPages, type RowSpan } from './row-cache.ts'
import { searchExpression, type Matcher } from './search.ts'

export interface Search {
  readonly workspaceId: string
  readonly filters: Filters
  /** What the person typed for `matcher`. */
  readonly text: string
  readonly matcher: Matcher
  readonly database: Pick<AbstractPowerSyncDatabase, 'readLock'>
}

/** What was found since the step before, and how many rows of the list are looked through. */
interface Step {
  readonly found: readonly TransactionRow[]
  readonly done: number
}

/** Above this many rows that may answer, reading the list from its top shows the newest sooner. */
const mostCandidates = 5_000
/** Rows that one step of a search reads. */
const candidateStepRows = 1_000
const stepRows = 1_500
/** A day of more rows is read in several steps. */
const dayStepRows = 500

/** Gives the rows of a list that match, newest first. */
export async function* findRows(layout: ListLayout, search: Search): AsyncGenerator<Step> {
  const found = await findByIndex(search)
  if (found === null) yield* scan(layout, search)
  else yield { found, done: layout.rowCount }
}

/** Null when the index cannot tell, or too many rows may answer. */
async function findByIndex(search: Search): Promise<TransactionRow[] | null> {
  const { text, matcher, database } = search
  const expression = searchExpression(text)
  if (expression === null) return null
  // Most searches end with the first step: one turn of the database for both queries.
  const start = await database.readLock(async (reader) => {
    const query = candidatesQuery(expression, mostCandidates + 1)
    const rows = await read<{ row: number }>(reader, query)
    if (rows.length > mostCandidates) return null
    const candidates = [...new Set(rows.map(({ row }) => row))]
    return { candidates, rows: await readCandidates(reader, search, candidates, 0) }
  })
  if (start === null) return null
  const found = start.rows.filter(matcher)
  for (let from = candidateStepRows; from < start.candidates.length; from += candidateStepRows) {
    const rows = await database.readLock((reader) =>
      readCandidates(reader, search, start.candidates, from),
    )
    found.push(...rows.filter(matcher))
  }
  return found.sort(newestFirst)
}

/** One step, from that candidate on. */
function readCandidates(
  reader: Reader,
  { workspaceId, filters }: Search,
  candidates: readonly number[],
  from: number,
): Promise<TransactionRow[]> {
  const step = candidates.slice(from, from + candidateStepRows)
  return read<TransactionRow>(reader, candidateRowsQuery(workspaceId, filters, step))
}

/** Reads every row of the list once, and gives what matches as it goes. */
async function* scan(layout: ListLayout, search: Search): AsyncGenerator<Step> {
  const pages = layout.days.flatMap(({ day, count }) =>
    Array.from({ length: Math.max(1, Math.ceil(count / dayStepRows)) }, (_, page) => ({
      day,
      count,
      page,
    })),
  )
  let done = 0
  for (const span of joinPages(pages, stepRows, dayStepRows)) {
    const rows = await readSpan(search, span)
    done = Math.min(layout.rowCount, done + span.limit)
    yield { found: rows.filter(search.matcher), done }
  }
}

function readSpan(
  { workspaceId, filters, database }: Search,
  span: RowSpan,
): Promise<TransactionRow[]> {
  const query = rowsQuery(workspaceId, filters, span)
  return database.readLock((reader) => read<TransactionRow>(reader, query))
}

/** As `rowsQuery` orders them. */
function newestFirst(a: TransactionRow, b: TransactionRow): number {
  if (a.occurred_on !== b.occurred_on) return a.occurred_on < b.occurred_on ? 1 : -1
  if (a.created_at !== b.created_at) return b.created_at - a.created_at
  return a.id < b.id ? 1 : -1
}
