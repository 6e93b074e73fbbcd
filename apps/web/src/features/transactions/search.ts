import { foldText } from '../../data/fold-text.ts'
import { amountExpression, textExpression } from '../../data/search-index.ts'
import type { TransactionRow } from './queries.ts'

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
  const words = wordsOf(text)
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

/** Enough to narrow a search down; the matcher looks for them all. */
const mostWords = 8

/**
 * The same question to `search_text`, which finds every row that matches and perhaps some more.
 * Null when no word is long enough for it.
 */
export function searchExpression(text: string): string | null {
  const parts = wordsOf(text)
    .map(wordExpression)
    .filter((part) => part !== null)
    .slice(0, mostWords)
  return parts.length === 0 ? null : parts.join(' AND ')
}

function wordExpression(word: string): string | null {
  const inText = textExpression(word)
  const amount = foldAmount(word)
  if (inText === null || amount === null) return inText
  const inAmount = amountExpression(amount)
  return inAmount === null ? null : `(${inText} OR ${inAmount})`
}

function wordsOf(text: string): string[] {
  return foldText(text)
    .split(/\s+/)
    .filter((word) => word !== '')
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
