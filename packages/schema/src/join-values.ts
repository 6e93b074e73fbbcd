import type { Column } from './entity.ts'

const encoder = new TextEncoder()

/**
 * Both values of a column in one, the second after the first; a text that the other contains comes
 * once. Undefined where the column has no way to hold both, or not the room.
 */
export function joinValues(column: Column, first: string, second: string): string | undefined {
  if (column.visibility !== 'sealed' || column.type === 'integer') return undefined
  const { joins, maxBytes } = column
  if (joins === undefined) return undefined
  const joined = joins === 'lines' ? joinLines(first, second) : joinParagraphs(first, second)
  return encoder.encode(joined).length <= maxBytes ? joined : undefined
}

function joinParagraphs(first: string, second: string): string {
  if (first.includes(second)) return first
  return second.includes(first) ? second : `${first}\n\n${second}`
}

function joinLines(first: string, second: string): string {
  const lines = [...first.split('\n'), ...second.split('\n')]
  return [...new Set(lines.filter((line) => line !== ''))].join('\n')
}
