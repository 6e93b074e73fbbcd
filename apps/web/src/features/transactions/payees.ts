import { foldText } from '../../data/fold-text.ts'
import type { PayeeRow } from './queries.ts'

const shownPayees = 8

/** Payees to offer for what is typed: that one itself, then those that begin with it, each in order of recency. */
export function suggestPayees(history: readonly PayeeRow[], typed: string): readonly PayeeRow[] {
  const wanted = foldText(typed.trim())
  if (wanted === '') return history.slice(0, shownPayees)
  const same: PayeeRow[] = []
  const starting: PayeeRow[] = []
  const containing: PayeeRow[] = []
  for (const row of history) {
    const name = foldText(row.payee)
    if (name === wanted) same.push(row)
    else if (name.startsWith(wanted)) starting.push(row)
    else if (name.includes(wanted)) containing.push(row)
  }
  return [...same, ...starting, ...containing].slice(0, shownPayees)
}

/** The remembered payee of exactly this name, whatever its case and accents. */
export function knownPayee(history: readonly PayeeRow[], typed: string): PayeeRow | undefined {
  const wanted = foldText(typed.trim())
  return wanted === '' ? undefined : history.find((row) => foldText(row.payee) === wanted)
}
