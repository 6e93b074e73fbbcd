import type { Entity } from './entity.ts'

/** Cells of a plaintext row by column; an absent one is null. */
export type Cells = Readonly<Record<string, string | number | bigint | null>>

export interface RowMerge {
  /** The row to show: theirs, with every change of mine that meets none of theirs. */
  readonly values: Cells
  /** Whether `values` has anything that theirs does not. */
  readonly takesMine: boolean
  /** Fields that both changed, to different values: the columns of each. `values` has theirs. */
  readonly conflicts: readonly (readonly string[])[]
}

/**
 * Merges two versions of a row by field. The common columns are nobody's edit: theirs stay, but
 * where mine is taken the later `updated_at` counts.
 * @param base what both were made from; null when there was no such row: then all that differs is
 * in conflict.
 */
export function mergeRows(
  entity: Entity,
  base: Cells | null,
  mine: Cells,
  theirs: Cells,
): RowMerge {
  const values: Record<string, string | number | bigint | null> = { ...theirs }
  const conflicts: (readonly string[])[] = []
  let takesMine = false
  for (const columns of fieldsOf(entity, base, mine, theirs)) {
    if (areEqual(columns, mine, theirs)) continue
    if (base !== null && areEqual(columns, base, mine)) continue
    if (base !== null && areEqual(columns, base, theirs)) {
      takesMine = true
      for (const name of columns) values[name] = mine[name] ?? null
    } else {
      conflicts.push(columns)
    }
  }
  if (takesMine) values['updated_at'] = later(mine['updated_at'], theirs['updated_at'])
  return { values, takesMine, conflicts }
}

/**
 * What a change of mine is, written on top of another version: the whole of every field that was
 * changed, so that no field comes half from one version and half from the other.
 * @param base null when there was no such row: then it is all of mine.
 */
export function changesOf(entity: Entity, base: Cells | null, mine: Cells, theirs: Cells): Cells {
  const fields = fieldsOf(entity, base, mine, theirs)
  const changed = base === null ? fields : fields.filter((names) => !areEqual(names, base, mine))
  return Object.fromEntries(changed.flat().map((name) => [name, mine[name] ?? null]))
}

/** Whether somebody changed anything of a row but when it was changed. */
export function isEdited(entity: Entity, base: Cells, version: Cells): boolean {
  return !areEqual(Object.keys(entity.columns), base, version)
}

/** Every own column in exactly one field; the fields in the order of their first columns. */
function fieldsOf(
  entity: Entity,
  base: Cells | null,
  mine: Cells,
  theirs: Cells,
): readonly (readonly string[])[] {
  const names = Object.keys(entity.columns)
  const isChanged = (name: string) =>
    !areEqual([name], mine, theirs) ||
    (base !== null && !(areEqual([name], base, mine) && areEqual([name], base, theirs)))
  const fieldByName = new Map(names.map((name) => [name, new Set([name])]))
  for (const { columns, when } of entity.mergeGroups) {
    if (when !== undefined && !isChanged(when)) continue
    const joined = new Set(columns.flatMap((name) => [...(fieldByName.get(name) ?? [])]))
    for (const name of joined) fieldByName.set(name, joined)
  }
  const fields = new Set(names.flatMap((name) => fieldByName.get(name) ?? []))
  return [...fields].map((field) => names.filter((name) => field.has(name)))
}

function areEqual(columns: readonly string[], a: Cells, b: Cells): boolean {
  return columns.every((name) => (a[name] ?? null) === (b[name] ?? null))
}

function later(a: Cells[string] | undefined, b: Cells[string] | undefined): number {
  return Math.max(Number(a ?? 0), Number(b ?? 0))
}
