import { encryptTable, entities, localColumns } from '@sealbook/schema'
import type { RefusalCode, UploadOperation } from '@sealbook/schema/upload'

/** A stored row: its columns with `revision` and `seal`. */
export type StoredRow = Readonly<Record<string, unknown>> & {
  readonly revision: number
  readonly seal: string
}

/** What one operation of a batch was answered: applied now or before, or why not. */
export type ModelAnswer = 'applied' | RefusalCode

interface Relation {
  readonly column: string
  readonly target: string
}

const relationsByTable = new Map<string, readonly Relation[]>(
  entities.map((entity) => [
    encryptTable(entity),
    Object.entries(localColumns(entity)).flatMap(([column, definition]) =>
      definition.type === 'id' && definition.references !== undefined
        ? [{ column, target: encryptTable({ table: definition.references }) }]
        : [],
    ),
  ]),
)

/**
 * What the server's upload does with rows of one workspace whose form is right: bases, seals,
 * replays, tombstones and relations. merge-laws.test.ts holds it to the real server, answer by answer.
 */
export class ModelServer {
  readonly rows: Map<string, StoredRow>
  readonly #tombstones: Map<string, number>
  readonly #superseded: Map<string, string>

  constructor(from?: ModelServer) {
    this.rows = new Map(from?.rows)
    this.#tombstones = new Map(from && from.#tombstones)
    this.#superseded = new Map(from && from.#superseded)
  }

  upload(batch: readonly UploadOperation[]): ModelAnswer[] {
    const conflicted = new Set<string>()
    return batch.map((operation) => {
      const answer = this.#apply(operation, conflicted)
      if (answer === 'conflict') conflicted.add(keyOf(operation.table, operation.id))
      return answer
    })
  }

  #apply(operation: UploadOperation, conflicted: ReadonlySet<string>): ModelAnswer {
    const { op, table, id, data } = operation
    const key = keyOf(table, id)
    const stored = this.rows.get(key)
    if (op === 'DELETE') {
      if (stored === undefined) return 'applied'
      if (!isBasedOn(operation, stored, conflicted)) return 'conflict'
      return this.#delete(table, id, stored)
    }
    if (stored !== undefined) return this.#replace(operation, stored, conflicted)
    if (op === 'PATCH') return 'conflict'
    const row = data as StoredRow
    const tombstone = this.#tombstones.get(key)
    if (tombstone !== undefined && row.revision - 1 < tombstone) return 'conflict'
    if (conflicted.has(key)) return 'conflict'
    if (!this.#hasRelations(table, id, row)) return 'missing-relation'
    this.rows.set(key, row)
    return 'applied'
  }

  #replace(
    operation: UploadOperation,
    stored: StoredRow,
    conflicted: ReadonlySet<string>,
  ): ModelAnswer {
    const { op, table, id, data } = operation
    const row = { ...(op === 'PATCH' ? stored : {}), ...data } as StoredRow
    const key = keyOf(table, id)
    const known = row.revision === stored.revision ? stored.seal : this.#seal(key, row.revision)
    if (known === row.seal) return 'applied'
    if (!isBasedOn(operation, stored, conflicted)) return 'conflict'
    if (row.revision <= stored.revision) return 'invalid-data'
    if (!this.#hasRelations(table, id, row)) return 'missing-relation'
    this.#superseded.set(`${key}/${stored.revision}`, stored.seal)
    this.rows.set(key, row)
    return 'applied'
  }

  #delete(table: string, id: string, stored: StoredRow): ModelAnswer {
    const isReferred = [...this.rows].some(([key, row]) => {
      const [owner = '', ownerId = ''] = key.split('/')
      const refers = (relationsByTable.get(owner) ?? []).some(
        ({ column, target }) => target === table && row[column] === id,
      )
      return refers && !(owner === table && ownerId === id)
    })
    if (isReferred) return 'in-use'
    const key = keyOf(table, id)
    this.rows.delete(key)
    this.#tombstones.set(key, stored.revision + 1)
    for (const each of this.#superseded.keys()) {
      if (each.startsWith(`${key}/`)) this.#superseded.delete(each)
    }
    return 'applied'
  }

  #seal(key: string, revision: number): string | undefined {
    return this.#superseded.get(`${key}/${revision}`)
  }

  #hasRelations(table: string, id: string, row: StoredRow): boolean {
    return (relationsByTable.get(table) ?? []).every(({ column, target }) => {
      const other = row[column]
      if (typeof other !== 'string') return true
      return this.rows.has(keyOf(target, other)) || (target === table && other === id)
    })
  }
}

function isBasedOn(
  { table, id, previous }: UploadOperation,
  stored: StoredRow,
  conflicted: ReadonlySet<string>,
): boolean {
  if (previous?.revision !== stored.revision) return false
  return previous.seal ? previous.seal === stored.seal : !conflicted.has(keyOf(table, id))
}

export function keyOf(table: string, id: string): string {
  return `${table}/${id}`
}
