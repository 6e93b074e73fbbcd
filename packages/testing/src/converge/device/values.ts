import { localColumns, type Column, type Entity } from '@sealbook/schema'
import type { RowText } from '../history.ts'

export interface ValueSource {
  readonly random: () => number
  /** No other edit of any device has this number; below 60,000. */
  readonly token: number
  readonly now: number
  readonly workspaceId: string
  /** A row of that table that this one may refer to. */
  readonly reference: (table: string) => string | null
}

const currencies = ['EUR', 'USD', 'JPY', 'CHF', 'TND']
const dayMs = 86_400_000
const firstDay = Date.UTC(1950, 0, 1)

/** A whole row that the server takes; null where a row that it must refer to is missing. */
export function makeRow(entity: Entity, source: ValueSource): RowText | null {
  const row: Record<string, string | null> = {}
  for (const [name, column] of Object.entries(localColumns(entity))) {
    const value = makeValue(name, column, source)
    if (value === null && column.visibility === 'visible' && !column.nullable) return null
    row[name] = value
  }
  return row
}

/** New values for one to three of the columns that people edit. */
export function makeChanges(entity: Entity, source: ValueSource): RowText {
  const names = Object.keys(entity.columns)
  const count = 1 + Math.floor(source.random() * 3)
  const changes: Record<string, string | null> = { updated_at: String(source.now) }
  for (let n = 0; n < count; n++) {
    const name = pick(source, names)
    const column = name === undefined ? undefined : entity.columns[name]
    if (name === undefined || column === undefined) continue
    const value = makeValue(name, column, source)
    if (value !== null || column.nullable || column.visibility === 'sealed') changes[name] = value
  }
  return changes
}

/** With room for it a value says which edit made it. */
function makeValue(name: string, column: Column, source: ValueSource): string | null {
  const { token, random, now } = source
  if (name === 'workspace_id') return source.workspaceId
  if (name === 'created_at' || name === 'updated_at') return String(now)
  if (column.nullable && random() < 0.3) return null
  switch (column.type) {
    case 'text':
      return name === 'original_currency' ? (pick(source, currencies) ?? null) : `${name} ${token}`
    case 'decimal':
      return `${token}.25`
    case 'integer':
      if (column.visibility === 'visible') return String(token)
      // Some have more digits than a double.
      return random() < 0.3 ? String(9_100_000_000_000_000_000n + BigInt(token)) : String(-token)
    case 'instant':
      return String(1_700_000_000_000 + token)
    case 'date':
      return new Date(firstDay + token * dayMs).toISOString().slice(0, 10)
    case 'month':
      return `${1000 + Math.floor(token / 12)}-${String((token % 12) + 1).padStart(2, '0')}`
    case 'currency':
      return pick(source, currencies) ?? null
    case 'choice':
      return pick(source, column.choices) ?? null
    case 'id':
      return column.references === undefined ? null : source.reference(column.references)
  }
}

function pick<T>({ random }: ValueSource, from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)]
}
