import type { CrudEntry } from '@powersync/common'
import { encryptTable, entities, localColumns } from '@sealbook/schema'
import type { UploadOperation } from '@sealbook/schema/upload'

/** As much of PowerSync's `CrudEntry` as is uploaded. */
export type QueuedEntry = Pick<CrudEntry, 'clientId' | 'op' | 'table' | 'id'> &
  Partial<Pick<CrudEntry, 'opData' | 'previousValues'>>

/** One operation and the last of the queue's entries that it stands for. */
export interface MergedOperation {
  readonly operation: UploadOperation
  /** Unique for the life of the database. */
  readonly entryId: number
}

/** `mergeEntries` without the entries' ids. */
export function mergeOperations(entries: readonly QueuedEntry[]): UploadOperation[] {
  return mergeEntries(entries).map(({ operation }) => operation)
}

/**
 * Fewer operations that say what the entries of one transaction say. Its laws, for entries whose
 * form the server takes and a workspace that is not full:
 *
 * 1. Same end: the server's rows are the same after the operations as after the entries, whatever
 *    other devices uploaded before, and whichever of the entries are refused for it.
 * 2. Every interleaving: that holds too when other devices' operations come between these. An
 *    operation has its effect where it stands, as its entries would have there.
 * 3. Nothing of nothing: a row that came and went within the entries is not uploaded, unless an
 *    entry in between depends on it or gave it a new relation, which may be refused.
 * 4. Order: what stays apart keeps its order, so a parent comes before its child, and a child's
 *    delete before its parent's.
 * 5. Once is enough: an operation that was applied may come again, at once or later, and changes
 *    nothing. Merging what is merged already changes nothing.
 *
 * So only what cannot be refused for itself is merged: a change that keeps the row's relations, and
 * the delete of a row that no other can refer to. Rows that went and came back stay as they are: a
 * refusal before would have stopped them.
 */
export function mergeEntries(entries: readonly QueuedEntry[]): readonly MergedOperation[] {
  let merged: readonly MergedOperation[] = entries.map((entry) => {
    return { operation: toOperation(entry), entryId: entry.clientId }
  })
  // What fell away may have been all that kept others apart.
  for (;;) {
    const before = merged
    merged = mergeOnce(before)
    if (merged.length === before.length) return merged
  }
}

function mergeOnce(operations: readonly MergedOperation[]): readonly MergedOperation[] {
  const queue = new MergingQueue(findReturning(operations))
  for (const { operation, entryId } of operations) queue.add(operation, entryId)
  return queue.operations()
}

/** Knows for every id where it was last deleted and referred to, so that it is linear. */
class MergingQueue {
  /** Emptied when an operation falls away or moves to the end, so that positions stay. */
  readonly #slots: (MergedOperation | undefined)[] = []
  readonly #positionByRow = new Map<string, number>()
  readonly #referredAt = new Map<string, number>()
  readonly #deletedAt = new Map<string, number>()
  readonly #returning: ReadonlySet<string>
  /** Their revision is measured against a tombstone: it stays as it is. */
  readonly #broughtBack = new Set<number>()

  constructor(returning: ReadonlySet<string>) {
    this.#returning = returning
  }

  operations(): MergedOperation[] {
    return this.#slots.filter((slot) => slot !== undefined)
  }

  add(operation: UploadOperation, entryId: number): void {
    const position = this.#positionByRow.get(keyOf(operation))
    const earlier = position === undefined ? undefined : this.#slots[position]?.operation
    const isKnown = position !== undefined && earlier !== undefined
    if (!isKnown || operation.op === 'PUT' || this.#returning.has(keyOf(operation))) {
      return this.#append(operation, entryId)
    }
    if (operation.op === 'PATCH') {
      const mayFollow = keepsRelations(earlier, operation) && !this.#broughtBack.has(position)
      if (!mayFollow) return this.#append(operation, entryId)
      this.#slots[position] = { operation: withChange(earlier, operation), entryId }
      return
    }
    const isWithoutTrace = isCreation(earlier) && this.#isUnneeded(earlier, position)
    if (!isWithoutTrace && !isIdle(earlier)) return this.#append(operation, entryId)
    this.#slots[position] = undefined
    if (isWithoutTrace) this.#positionByRow.delete(keyOf(operation))
    else this.#append({ ...operation, ...baseOf(earlier) }, entryId)
  }

  /** No entry since then needs the row, or the place that it holds in others' way. */
  #isUnneeded(created: UploadOperation, position: number): boolean {
    const isSince = (at: number | undefined) => (at ?? -1) > position
    return (
      !isSince(this.#referredAt.get(created.id)) &&
      !relationsOf(created).some((id) => isSince(this.#deletedAt.get(id)))
    )
  }

  #append(operation: UploadOperation, entryId: number): void {
    const position = this.#slots.length
    this.#slots.push({ operation, entryId })
    this.#positionByRow.set(keyOf(operation), position)
    for (const id of relationsOf(operation)) this.#referredAt.set(id, position)
    if (operation.op === 'DELETE') this.#deletedAt.set(operation.id, position)
    if (operation.op === 'PUT' && operation.data?.['revision'] !== 1)
      this.#broughtBack.add(position)
  }
}

/** Rows that are written anew after something else. */
function findReturning(operations: readonly MergedOperation[]): Set<string> {
  const known = new Set<string>()
  const returning = new Set<string>()
  for (const { operation } of operations) {
    const key = keyOf(operation)
    if (operation.op === 'PUT' && known.has(key)) returning.add(key)
    known.add(key)
  }
  return returning
}

const relations = entities.flatMap((entity) =>
  Object.entries(localColumns(entity)).flatMap(([column, definition]) =>
    definition.type === 'id' && definition.references !== undefined
      ? [{ table: encryptTable(entity), column, target: definition.references }]
      : [],
  ),
)

/** Columns of each twin that refer to another row. */
const relationColumns = new Map(
  entities.map(encryptTable).map((table) => {
    return [table, relations.filter((each) => each.table === table).map(({ column }) => column)]
  }),
)

/** Twins whose rows others can refer to. */
const referredTables = new Set(relations.map(({ target }) => encryptTable({ table: target })))

/** The later change can follow at once, and refers to what the earlier one does. */
function keepsRelations(earlier: UploadOperation, { table, data }: UploadOperation): boolean {
  const columns = relationColumns.get(table)
  if (columns === undefined || earlier.op === 'DELETE') return false
  return columns.every((name) => {
    if (data?.[name] === undefined) return true
    const before = earlier.data?.[name]
    // A queued PUT leaves out what is null.
    return data[name] === (earlier.op === 'PUT' ? (before ?? null) : before)
  })
}

/** A change that no other row can tell from none. */
function isIdle({ op, table, data }: UploadOperation): boolean {
  const columns = relationColumns.get(table)
  if (op !== 'PATCH' || columns === undefined || referredTables.has(table)) return false
  return columns.every((name) => data?.[name] === undefined)
}

function relationsOf({ table, data }: UploadOperation): string[] {
  return (relationColumns.get(table) ?? [])
    .map((name) => data?.[name])
    .filter((value): value is string => typeof value === 'string')
}

/** A PUT that is based on nothing: the server has no such row yet. */
function isCreation({ op, previous }: UploadOperation): boolean {
  return op === 'PUT' && !previous
}

function withChange(earlier: UploadOperation, later: UploadOperation): UploadOperation {
  return { ...earlier, data: { ...earlier.data, ...later.data } }
}

function keyOf({ table, id }: Pick<UploadOperation, 'table' | 'id'>): string {
  return `${table}/${id}`
}

function baseOf({ previous }: UploadOperation): Pick<UploadOperation, 'previous'> {
  return previous ? { previous } : {}
}

function toOperation({ op, table, id, opData, previousValues }: QueuedEntry): UploadOperation {
  const revision: unknown = previousValues?.['revision']
  const seal: unknown = previousValues?.['seal']
  return {
    op,
    table,
    id,
    ...(opData === undefined ? {} : { data: opData }),
    ...(typeof revision === 'number'
      ? { previous: { revision, ...(typeof seal === 'string' ? { seal } : {}) } }
      : {}),
  }
}
