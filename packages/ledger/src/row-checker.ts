import type { Breach, Cells } from './breach.ts'
import { cellRule, type ColumnForm } from './cell-rules.ts'
import { entityRules, type EntityRules, type RuledTable } from './entity-rules.ts'

/** The rules of one entity, made once and used for every row. */
export interface RowChecker {
  /** Of a whole row, without its id; a column that is left out counts as null. */
  checkRow(row: Cells): readonly Breach[]
  /** Of some columns, each by itself. A column that the entity does not have is `invalid`. */
  checkCells(cells: Cells): readonly Breach[]
  /** The columns that the rules of these columns look at: what `checkRules` needs after a change. */
  columnsBeside(changed: readonly string[]): readonly string[]
  /** The rules of more than one value's form, as far as they look at columns that are given. */
  checkRules(row: Cells): readonly Breach[]
}

const none: readonly Breach[] = []

/** @param columns every column of the plaintext table without `id`, by name. */
export function rowChecker(
  table: RuledTable,
  columns: Readonly<Record<string, ColumnForm>>,
): RowChecker {
  const { required, rules }: EntityRules = entityRules[table]
  const cellRules = Object.entries(columns).map(([name, form]) => {
    const isRequired = form.visibility === 'visible' ? !form.nullable : required.includes(name)
    return { name, check: cellRule(name, form, isRequired) }
  })
  const checkRules = (row: Cells): readonly Breach[] => {
    let breaches: Breach[] | undefined
    for (const { check } of rules) {
      const breach = check(row)
      if (breach !== null) (breaches ??= []).push(breach)
    }
    return breaches ?? none
  }
  const byName = new Map(cellRules.map(({ name, check }) => [name, check]))
  return {
    checkRow(row) {
      let breaches: Breach[] | undefined
      for (const { name, check } of cellRules) {
        const breach = check(row[name] ?? null)
        if (breach !== null) (breaches ??= []).push(breach)
      }
      const ofRules = checkRules(row)
      return breaches === undefined ? ofRules : [...breaches, ...ofRules]
    },
    checkCells(cells) {
      return Object.entries(cells).flatMap(([name, value]): Breach[] => {
        const check = byName.get(name)
        if (check === undefined) return [{ kind: 'invalid', column: name }]
        const breach = check(value ?? null)
        return breach === null ? [] : [breach]
      })
    },
    columnsBeside(changed) {
      const touched = rules.filter((rule) => rule.columns.some((name) => changed.includes(name)))
      return [...new Set(touched.flatMap((rule) => rule.columns))]
    },
    checkRules,
  }
}

/** The breaches of `after` that `before` did not have: an edit may mend a broken row step by step. */
export function newBreaches(
  before: readonly Breach[],
  after: readonly Breach[],
): readonly Breach[] {
  return after.filter(
    ({ kind, column }) => !before.some((old) => old.kind === kind && old.column === column),
  )
}
