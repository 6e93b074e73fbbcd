import { rowChecker, type RowChecker } from '@sealbook/ledger'
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
