import type { Row, TwinTable } from './tables.ts'

export interface Tombstone {
  readonly workspaceId: string
  readonly revision: number
}

export type Role = 'owner' | 'editor' | 'viewer'

/** What the database held when the batch began; the same for every attempt. */
export interface Loaded {
  readonly roles: ReadonlyMap<string, Role>
  readonly keyVersions: ReadonlyMap<string, ReadonlySet<number>>
  readonly rowCounts: ReadonlyMap<string, number>
  readonly rows: ReadonlyMap<string, Row>
  readonly tombstones: ReadonlyMap<string, Tombstone>
  /** By `revisionKey`. */
  readonly supersededSeals: ReadonlyMap<string, string>
}

/** The database as it is after the operations applied so far. */
export interface BatchState extends Pick<Loaded, 'roles' | 'keyVersions'> {
  readonly rowCounts: Map<string, number>
  readonly rows: Map<string, Row>
  readonly tombstones: Map<string, Tombstone>
  readonly supersededSeals: Map<string, string>
  /** Rows of which this batch had a conflict: what follows on them was made on a refused row. */
  readonly conflicted: Set<string>
}

/** One change to one row. */
export type Write =
  | { kind: 'insert'; table: TwinTable; row: Row }
  | { kind: 'update'; table: TwinTable; row: Row; replaced: Row }
  | { kind: 'delete'; table: TwinTable; row: Row; tombstoneRevision: number }

export function rowKey(table: string, id: string): string {
  return `${table}/${id}`
}

export function revisionKey(table: string, id: string, revision: number): string {
  return `${table}/${id}/${revision}`
}

export function startState(loaded: Loaded): BatchState {
  return {
    roles: loaded.roles,
    keyVersions: loaded.keyVersions,
    rowCounts: new Map(loaded.rowCounts),
    rows: new Map(loaded.rows),
    tombstones: new Map(loaded.tombstones),
    supersededSeals: new Map(loaded.supersededSeals),
    conflicted: new Set(),
  }
}

/** Records a write that the database has accepted, or is expected to accept. */
export function advance(state: BatchState, write: Write): void {
  const { table, row } = write
  const key = rowKey(table.name, row.id)
  switch (write.kind) {
    case 'insert':
      state.rows.set(key, row)
      count(state, row.workspace_id, 1)
      return
    case 'update': {
      const { revision, seal } = write.replaced
      state.rows.set(key, row)
      state.supersededSeals.set(revisionKey(table.name, row.id, revision), seal)
      return
    }
    case 'delete':
      state.rows.delete(key)
      state.tombstones.set(key, {
        workspaceId: row.workspace_id,
        revision: write.tombstoneRevision,
      })
      count(state, row.workspace_id, -1)
  }
}

function count(state: BatchState, workspaceId: string, change: number): void {
  state.rowCounts.set(workspaceId, (state.rowCounts.get(workspaceId) ?? 0) + change)
}
