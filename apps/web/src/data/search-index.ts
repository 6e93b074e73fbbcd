import type { LockContext } from '@powersync/common'
import { foldText } from './fold-text.ts'

/**
 * `search_text`: for each transaction the groups of three characters of its folded payee, note and
 * amount, so that a search reads only rows that may answer. FTS5 without the text itself. A search
 * asks for the rows that are stale too, and checks every row that it finds: the index may be behind,
 * but an answer never is.
 */
export const searchTables = [
  'DROP TABLE IF EXISTS search_text',
  `CREATE VIRTUAL TABLE search_text USING fts5(text, content = '', contentless_delete = 1,
    detail = none, tokenize = 'trigram case_sensitive 1')`,
]

/** Before the amount's digits, so that their beginning can be searched for. */
const amountMark = '\u0001\u0001'
const gramLength = 3
/** Enough to tell a word, and few enough for any text that is pasted. */
const mostGrams = 12

/** A transaction that was written; `id` is null where it is gone. */
export interface IndexedTransaction {
  readonly row: number
  readonly id: string | null
  readonly payee: string | null
  readonly note: string | null
  /** In minor units; 0 where it has none that is exact. */
  readonly amount: number
}

/** Brings the index up to date with these rows. */
export async function indexTexts(
  tx: Pick<LockContext, 'execute'>,
  rows: readonly IndexedTransaction[],
): Promise<void> {
  const gone = rows.filter(({ id }) => id === null).map(({ row }) => row)
  const texts = rows.filter(({ id }) => id !== null).map((row) => [row.row, indexedText(row)])
  await tx.execute('DELETE FROM search_text WHERE rowid IN (SELECT value FROM json_each(?))', [
    JSON.stringify(gone),
  ])
  await tx.execute(
    `INSERT OR REPLACE INTO search_text (rowid, text)
      SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
    [JSON.stringify(texts)],
  )
}

function indexedText({ payee, note, amount }: IndexedTransaction): string {
  const text = `${foldText(`${payee ?? ''}\n${note ?? ''}`)}\n${amountMark}${digitsOf(amount)}`
  // FTS5 would stop reading at it.
  return text.replaceAll('\0', ' ')
}

/** FTS5's expression for rows whose folded text may hold the word; null when it cannot tell. */
export function textExpression(foldedWord: string): string | null {
  const characters = [...foldedWord]
  // What SQLite would store otherwise than JavaScript reads it.
  if (characters.length < gramLength || /[\0\p{Cs}]/u.test(foldedWord)) return null
  // Side by side, and the last one: each is a list to read, and whoever searches checks the rows.
  const last = characters.length - gramLength
  const starts = characters.flatMap((_, at) => (at % gramLength === 0 && at < last ? [at] : []))
  const grams = new Set(
    [...starts.slice(0, mostGrams), last].map((at) =>
      characters.slice(at, at + gramLength).join(''),
    ),
  )
  return `(${[...grams].map((gram) => `"${gram.replaceAll('"', '""')}"`).join(' AND ')})`
}

/**
 * Likewise for rows whose amount may begin with these digits, which may have a point that the
 * account's currency places.
 */
export function amountExpression(amount: string): string | null {
  const digits = amount.replace('.', '').replace(/^0+/, '')
  return digits === '' ? null : textExpression(amountMark + digits)
}

function digitsOf(amountMinor: number): string {
  return String(amountMinor).replace('-', '')
}
