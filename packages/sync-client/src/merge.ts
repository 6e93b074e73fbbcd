import type { CrudEntry } from '@powersync/common'
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
 * Fewer operations that leave the server as the entries would, one after the other. Entries of one
 * row become one operation, based on what the first was based on. It takes the place of the
 * row's earlier operation, a delete takes the place of the last; where another row in between might
 * depend on the order, the entries stay apart.
 */
export function mergeEntries(entries: readonly QueuedEntry[]): MergedOperation[] {
  const queue = new MergingQueue()
  for (const entry of entries) queue.add(toOperation(entry), entry.clientId)
  return queue.operations()
}

/** Knows for every id where it was last created, deleted and mentioned, so that it is linear. */
class MergingQueue {
  /** Emptied when an operation falls away or moves to the end, so that positions stay. */
  readonly #slots: (MergedOperation | undefined)[] = []
  readonly #positionByRow = new Map<string, number>()
  readonly #createdAt = new Map<string, number>()
  readonly #mentionedAt = new Map<string, number>()
  #lastDelete = -1

  operations(): MergedOperation[] {
    return this.#slots.filter((slot) => slot !== undefined)
  }

  add(operation: UploadOperation, entryId: number): void {
    const position = this.#positionByRow.get(rowOf(operation))
    const earlier = position === undefined ? undefined : this.#slots[position]?.operation
    if (position === undefined || earlier === undefined || !this.#mayMerge(position, operation)) {
      this.#append({ operation, entryId })
      return
    }
    if (operation.op !== 'DELETE') {
      const merged = mergeChange(earlier, operation)
      if (merged === undefined) this.#append({ operation, entryId })
      else this.#put(position, { operation: merged, entryId })
      return
    }
    if (isCreation(earlier) && (this.#mentionedAt.get(operation.id) ?? -1) > position) {
      this.#append({ operation, entryId }) // a row in between refers to it
      return
    }
    this.#slots[position] = undefined
    this.#positionByRow.delete(rowOf(operation))
    if (!isCreation(earlier)) {
      this.#append({ operation: { ...operation, ...baseOf(earlier) }, entryId })
    }
  }

  #mayMerge(position: number, { op, data }: UploadOperation): boolean {
    // A delete in between may have needed the change that would fall away.
    if (op === 'DELETE') return this.#lastDelete < position
    // The data would come before a row that they refer to.
    return idsIn(data).every((id) => (this.#createdAt.get(id) ?? -1) <= position)
  }

  #append(merged: MergedOperation): void {
    this.#put(this.#slots.length, merged)
  }

  #put(position: number, merged: MergedOperation): void {
    const { operation } = merged
    this.#slots[position] = merged
    this.#positionByRow.set(rowOf(operation), position)
    for (const id of idsIn(operation.data)) raise(this.#mentionedAt, id, position)
    if (operation.op === 'PUT') raise(this.#createdAt, operation.id, position)
    if (operation.op === 'DELETE') this.#lastDelete = Math.max(this.#lastDelete, position)
  }
}

/** @returns undefined where the later one cannot follow: a PATCH of a row that is deleted. */
function mergeChange(
  earlier: UploadOperation,
  later: UploadOperation,
): UploadOperation | undefined {
  if (later.op === 'PUT') return { ...later, ...baseOf(earlier) }
  if (earlier.op === 'DELETE') return undefined
  return { ...earlier, data: { ...earlier.data, ...later.data } }
}

/** A PUT that is based on nothing: the server has no such row yet. */
function isCreation({ op, previous }: UploadOperation): boolean {
  return op === 'PUT' && !previous
}

function rowOf({ table, id }: UploadOperation): string {
  return `${table}/${id}`
}

const longestId = 64

/** Values that could be ids; envelopes are longer. */
function idsIn(data: UploadOperation['data']): string[] {
  return Object.values(data ?? {}).filter(
    (value): value is string => typeof value === 'string' && value.length <= longestId,
  )
}

function raise(positions: Map<string, number>, id: string, position: number): void {
  positions.set(id, Math.max(positions.get(id) ?? -1, position))
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
