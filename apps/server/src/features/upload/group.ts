import type { Write } from './state.ts'

/**
 * Cuts writes into runs that one statement can apply with the same outcome as one after the other:
 * one kind and table, each row once, and no row together with a row of the same table that it
 * refers to when their order matters (a statement's foreign keys are checked at its end).
 */
export function groupWrites(writes: readonly Write[]): Write[][] {
  const groups: Write[][] = []
  let ids = new Set<string>()
  let referredTo = new Set<string>()
  for (const write of writes) {
    const group = groups.at(-1)
    const first = group?.[0]
    const references = selfReferences(write)
    const fits =
      first?.kind === write.kind &&
      first.table === write.table &&
      !ids.has(write.row.id) &&
      !(write.kind === 'insert' && referredTo.has(write.row.id)) &&
      !(write.kind === 'delete' && references.some((id) => ids.has(id)))
    if (group !== undefined && fits) group.push(write)
    else {
      groups.push([write])
      ids = new Set()
      referredTo = new Set()
    }
    ids.add(write.row.id)
    for (const id of references) referredTo.add(id)
  }
  return groups
}

function selfReferences({ table, row }: Write): string[] {
  return table.selfReferences
    .map((column) => row[column])
    .filter((id): id is string => typeof id === 'string')
}
