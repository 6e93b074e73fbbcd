import type { ListLayout } from './layout.ts'
import type { TransactionRow } from './queries.ts'
import { joinPages, type RowSpan } from './row-cache.ts'

/** Says whether a row answers the search text; null for a text that searches for nothing. */
export type Matcher = (row: TransactionRow) => boolean

/**
 * Every word must be found, whatever its case and accents, in the payee or the note, or be the
 * beginning of the amount: `12,5` and `12.5` find 12.50.
 */
export function buildMatcher(
  text: string,
  exponentOf: (accountId: string) => number,
): Matcher | null {
  const words = foldText(text)
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return null
  const wanted = words.map((word) => ({ word, amount: foldAmount(word) }))
  return (row) => {
    const haystack = foldText(`${row.payee ?? ''}\n${row.note ?? ''}`)
    let amount: string | null = null
    return wanted.every((part) => {
      if (haystack.includes(part.word)) return true
      if (part.amount === null || row.amount === null) return false
      amount ??= plainAmount(row.amount, exponentOf(row.account_id))
      return amount.startsWith(part.amount)
    })
  }
}

/** Rows that one step of a search reads. */
const stepRows = 1_500
/** A day of more rows is read in several steps. */
const dayStepRows = 500

/** Reads every row of a list once, newest first, and gives what matches as it goes. */
export async function* findRows(
  layout: ListLayout,
  matcher: Matcher,
  readRows: (span: RowSpan) => Promise<readonly TransactionRow[]>,
): AsyncGenerator<{ readonly found: readonly TransactionRow[]; readonly done: number }> {
  const pages = layout.days.flatMap(({ day, count }) =>
    Array.from({ length: Math.max(1, Math.ceil(count / dayStepRows)) }, (_, page) => ({
      day,
      count,
      page,
    })),
  )
  let done = 0
  for (const span of joinPages(pages, stepRows, dayStepRows)) {
    const rows = await readRows(span)
    done = Math.min(layout.rowCount, done + span.limit)
    yield { found: rows.filter(matcher), done }
  }
}

/** Lower case, without accents, so that `cafe` finds `Café`. */
export function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The digits of an amount as typed, with a point; null for what is no amount. */
function foldAmount(word: string): string | null {
  const bare = word.replace(/^[+\-−]/, '').replace(/['’]/g, '')
  if (!/^\d[\d.,]*$/.test(bare)) return null
  const last = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','))
  const fraction = last === -1 ? null : bare.slice(last + 1)
  // Three digits after the only separator are a group: 1,250 is one thousand two hundred and fifty.
  if (fraction === null || (fraction.length === 3 && last > 0)) return bare.replace(/[.,]/g, '')
  return `${bare.slice(0, last).replace(/[.,]/g, '')}.${fraction}`
}

function plainAmount(amountMinor: number, exponent: number): string {
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0')
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}
