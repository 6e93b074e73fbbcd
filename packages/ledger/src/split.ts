import { toInteger, type Breach, type Cells } from './breach.ts'

/**
 * The parts of a split transaction against the whole: they add up to it, and are on its account,
 * so in its currency, and on its day. A transaction without parts is no split.
 */
export function checkSplit(whole: Cells, parts: readonly Cells[]): readonly Breach[] {
  if (parts.length === 0) return []
  const differs = (column: 'account_id' | 'occurred_on') =>
    parts.some((part) => part[column] !== whole[column])
  return [
    ...(addUp(whole, parts) ? [] : [{ kind: 'split-differs', column: 'amount' } as const]),
    ...(['account_id', 'occurred_on'] as const)
      .filter(differs)
      .map((column) => ({ kind: 'split-differs', column }) as const),
  ]
}

function addUp(whole: Cells, parts: readonly Cells[]): boolean {
  let sum = 0n
  for (const part of parts) {
    const amount = toInteger(part['amount'])
    if (amount === null) return false
    sum += amount
  }
  return sum === toInteger(whole['amount'])
}
