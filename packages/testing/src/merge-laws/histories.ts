import { randomBytes, randomUUID } from 'node:crypto'
import { UpdateType } from '@powersync/common'
import fc from 'fast-check'
import { encryptTable, entityOf, localColumns, type Column } from '@sealbook/schema'
import type { QueuedEntry } from '@sealbook/sync-client'
import { fakeEnvelope, fakeSeal } from '../sync-contract/sealed.ts'
import { keyOf, type ModelServer, type StoredRow } from './model-server.ts'

const tables = ['accounts', 'categories', 'transactions', 'budgets'] as const
type Table = (typeof tables)[number]
const relations = {
  accounts: {},
  categories: { parent_id: 'categories' },
  transactions: { account_id: 'accounts', category_id: 'categories', parent_id: 'transactions' },
  budgets: { category_id: 'categories' },
} as const satisfies Record<Table, Record<string, Table>>

const ownIdsPerTable = 2

/** One wish: what a device makes of it depends on the rows that it knows. */
export const wish = fc.record({
  do: fc.constantFrom('write', 'write', 'move', 'move', 'free', 'delete', 'delete'),
  table: fc.constantFrom(...tables),
  row: fc.nat(5),
  other: fc.nat(5),
  column: fc.nat(2),
})
export type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never

/**
 * A device that knows rows, and queues what it changes on them; nothing asks it to be sensible.
 * It makes rows under ids of its own, as ids are random, and brings back those that it knew.
 */
export class WishfulDevice {
  readonly #workspaceId: string
  readonly #rows = new Map<string, StoredRow>()
  readonly #revisions = new Map<string, number>()
  readonly #ids = new Map<Table, string[]>()
  #entries = 0

  constructor(workspaceId: string) {
    this.#workspaceId = workspaceId
    for (const table of tables) {
      this.#ids.set(
        table,
        Array.from({ length: ownIdsPerTable }, () => randomUUID()),
      )
    }
  }

  /** Learns the server's rows, and forgets its own that the server does not have. */
  learn(server: ModelServer): void {
    this.#rows.clear()
    for (const [key, row] of server.rows) {
      this.#rows.set(key, row)
      this.#meet(key)
      this.#revisions.set(key, Math.max(row.revision, this.#revisions.get(key) ?? 0))
    }
  }

  queue(wishes: readonly Wish[]): QueuedEntry[] {
    return wishes.flatMap((each) => this.#fulfil(each) ?? [])
  }

  #fulfil({ do: what, table, row: index, other, column }: Wish): QueuedEntry | undefined {
    const id = this.#idOf(table, index)
    const twin = encryptTable({ table })
    const key = keyOf(twin, id)
    const known = this.#rows.get(key)
    const revision = (known?.revision ?? this.#revisions.get(key) ?? 0) + 1
    const version = { revision, seal: fakeSeal(randomBytes) }
    const previousValues = known && { revision: known.revision, seal: known.seal }
    if (known === undefined) {
      if (what === 'free' || what === 'delete') return undefined
      // Beyond the tombstone, whoever set it.
      const row = { ...this.#newRow(table, other), ...version }
      this.#remember(key, row)
      return this.#entry(UpdateType.PUT, twin, id, withoutNulls(row))
    }
    if (what === 'delete') {
      this.#rows.delete(key)
      this.#revisions.set(key, revision)
      return { ...this.#entry(UpdateType.DELETE, twin, id), previousValues: previousValues ?? {} }
    }
    const names = Object.entries<Table>(relations[table])
    const [name, target] = names[column % Math.max(names.length, 1)] ?? []
    const isMove = what !== 'write' && name !== undefined && target !== undefined
    const relationColumn = name === undefined ? undefined : localColumns(entityOf(table))[name]
    if (what === 'free' && relationColumn?.nullable !== true) return undefined
    const relation = isMove ? { [name]: what === 'free' ? null : this.#idOf(target, other) } : {}
    const changes = { ...relation, updated_at: revision, ...version }
    this.#remember(key, { ...known, ...changes })
    const entry = this.#entry(UpdateType.PATCH, twin, id, changes)
    return { ...entry, previousValues: previousValues ?? {} }
  }

  #meet(key: string): void {
    for (const table of tables) {
      const [twin, id] = key.split('/')
      const ids = this.#ids.get(table) ?? []
      if (twin === encryptTable({ table }) && id !== undefined && !ids.includes(id)) ids.push(id)
    }
  }

  #idOf(table: Table, index: number): string {
    const ids = this.#ids.get(table) ?? []
    return ids[index % ids.length] ?? ''
  }

  #remember(key: string, row: StoredRow): void {
    this.#rows.set(key, row)
    this.#revisions.set(key, row.revision)
  }

  #newRow(table: Table, other: number): Record<string, string | number | null> {
    const row: Record<string, string | number | null> = {}
    for (const [name, column] of Object.entries(localColumns(entityOf(table)))) {
      row[name] = fill(column)
    }
    row['workspace_id'] = this.#workspaceId
    for (const [name, target] of Object.entries<Table>(relations[table])) {
      // A row's own parent only later, so that some rows begin without.
      if (target !== table) row[name] = this.#idOf(target, other)
    }
    return row
  }

  #entry(op: UpdateType, table: string, id: string, opData?: object): QueuedEntry {
    const clientId = ++this.#entries
    return { clientId, op, table, id, ...(opData === undefined ? {} : { opData }) }
  }
}

function fill(column: Column): string | number | null {
  if (column.nullable) return null
  if (column.visibility === 'sealed') return fakeEnvelope(randomBytes)
  switch (column.type) {
    case 'id':
      return null
    case 'date':
      return '2026-01-01'
    case 'month':
      return '2026-01'
    case 'instant':
    case 'integer':
      return 1
    case 'currency':
      return 'EUR'
    case 'choice':
      return column.choices[0] ?? null
  }
}

function withoutNulls(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}
