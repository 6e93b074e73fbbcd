import { rowChecker, type Cells, type RowChecker } from '@sealbook/ledger'
import { entities, localColumns, type EntityTable } from '@sealbook/schema'

/** An entity without rules in packages/ledger does not compile here. */
const checkers: ReadonlyMap<EntityTable, RowChecker> = new Map(
  entities.map((entity) => [entity.table, rowChecker(entity.table, localColumns(entity))]),
)

/** The ledger's rules for the rows of one plaintext table. */
export function checkerOf(table: EntityTable): RowChecker {
  const checker = checkers.get(table)
  if (checker === undefined) throw new Error(`no entity has the table ${table}`)
  return checker
}

/** For the router, which checks what it seals and opens: the columns that break a rule. */
export function brokenColumns(table: EntityTable, row: Cells): readonly string[] {
  const breaches = checkerOf(table).checkRow(row)
  return breaches.length === 0 ? none : [...new Set(breaches.map(({ column }) => column))]
}

const none: readonly string[] = []
