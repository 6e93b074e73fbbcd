import { envelopeKeyVersion, rowSealKeyVersion } from '@sealbook/schema/upload'
import { refuse, type Base, type Operation, type Refusal } from './check.ts'
import { revisionKey, rowKey, type BatchState, type Write } from './state.ts'
import type { Row, TwinTable } from './tables.ts'

/** `done`: the same operation was applied before. */
export type Decision = Refusal | { readonly kind: 'done' } | Write

export interface DecideLimits {
  readonly maxRowsPerWorkspace: number
}

/** Whether an operation may be applied to the rows as they are now, and as what. */
export function decide(state: BatchState, operation: Operation, limits: DecideLimits): Decision {
  const decision = decideByKind(state, operation, limits)
  if (decision.kind === 'refusal' && decision.code === 'conflict') {
    state.conflicted.add(rowKey(operation.table.name, operation.id))
  }
  return decision
}

function decideByKind(state: BatchState, operation: Operation, limits: DecideLimits): Decision {
  switch (operation.kind) {
    case 'put':
      return decidePut(state, operation, limits)
    case 'patch':
      return decidePatch(state, operation)
    case 'delete':
      return decideDelete(state, operation)
  }
}

function decidePut(
  state: BatchState,
  { table, row, base }: Extract<Operation, { kind: 'put' }>,
  limits: DecideLimits,
): Decision {
  const denied = checkWriter(state, row.workspace_id)
  if (denied !== undefined) return denied
  const key = rowKey(table.name, row.id)
  const stored = state.rows.get(key)
  if (stored !== undefined) return decideReplacement(state, table, row, base, stored)
  const tombstone = state.tombstones.get(key)
  if (tombstone !== undefined) {
    if (!state.roles.has(tombstone.workspaceId)) return forbidden
    const lowest = Math.min(row.revision - 1, base?.revision ?? row.revision - 1)
    if (lowest < tombstone.revision) return deletedConflict(tombstone.revision)
  }
  if (state.conflicted.has(key)) return deletedConflict(tombstone?.revision)
  const rowCount = state.rowCounts.get(row.workspace_id) ?? 0
  if (rowCount >= limits.maxRowsPerWorkspace) {
    return refuse('quota-exceeded', `a workspace holds ${limits.maxRowsPerWorkspace} rows at most`)
  }
  return checkKeyVersions(state, table, row.workspace_id, row) ?? { kind: 'insert', table, row }
}

function decidePatch(
  state: BatchState,
  { table, id, changes, base }: Extract<Operation, { kind: 'patch' }>,
): Decision {
  const key = rowKey(table.name, id)
  const stored = state.rows.get(key)
  if (stored === undefined) {
    const tombstone = state.tombstones.get(key)
    if (tombstone === undefined) return deletedConflict(undefined)
    return checkWriter(state, tombstone.workspaceId) ?? deletedConflict(tombstone.revision)
  }
  const denied = checkWriter(state, stored.workspace_id)
  if (denied !== undefined) return denied
  return decideReplacement(state, table, { ...stored, ...changes, id }, base, stored)
}

function decideDelete(
  state: BatchState,
  { table, id, base }: Extract<Operation, { kind: 'delete' }>,
): Decision {
  const key = rowKey(table.name, id)
  const stored = state.rows.get(key)
  if (stored === undefined) return { kind: 'done' }
  const denied = checkWriter(state, stored.workspace_id)
  if (denied !== undefined) return denied
  if (!isBasedOn(state, key, base, stored)) return conflict(stored)
  return { kind: 'delete', table, row: stored, tombstoneRevision: stored.revision + 1 }
}

/** A whole new row for a stored one. */
function decideReplacement(
  state: BatchState,
  table: TwinTable,
  row: Row,
  base: Base | null,
  stored: Row,
): Decision {
  if (row.workspace_id !== stored.workspace_id) {
    return state.roles.has(stored.workspace_id)
      ? refuse('invalid-data', 'workspace_id of a row never changes')
      : forbidden
  }
  if (wasApplied(state, table, row, stored)) return { kind: 'done' }
  const key = rowKey(table.name, row.id)
  if (!isBasedOn(state, key, base, stored)) return conflict(stored)
  if (row.revision <= stored.revision) {
    return refuse('invalid-data', 'revision: must be greater than the one it was based on')
  }
  const unknownKey = checkKeyVersions(state, table, row.workspace_id, row)
  return unknownKey ?? { kind: 'update', table, row, replaced: stored }
}

/** The seal covers the whole row: the same seal at the same revision is the same row. */
function wasApplied(state: BatchState, table: TwinTable, row: Row, stored: Row): boolean {
  if (row.revision === stored.revision) return row.seal === stored.seal
  return state.supersededSeals.get(revisionKey(table.name, row.id, row.revision)) === row.seal
}

/** A PUT without `previous` creates: it is based on no stored row. */
function isBasedOn(state: BatchState, key: string, base: Base | null, stored: Row): boolean {
  if (base?.revision !== stored.revision) return false
  return base.seal === null ? !state.conflicted.has(key) : base.seal === stored.seal
}

function checkWriter(state: BatchState, workspaceId: string): Refusal | undefined {
  const role = state.roles.get(workspaceId)
  return role === 'owner' || role === 'editor' ? undefined : forbidden
}

function checkKeyVersions(
  state: BatchState,
  table: TwinTable,
  workspaceId: string,
  row: Row,
): Refusal | undefined {
  const known = state.keyVersions.get(workspaceId)
  const used = [...table.sealed].flatMap((column) => {
    const envelope = row[column]
    return typeof envelope === 'string' ? [envelopeKeyVersion(envelope)] : []
  })
  const missing = [...used, rowSealKeyVersion(row.seal)].find((version) => !known?.has(version))
  if (missing === undefined) return undefined
  return refuse('invalid-data', `the workspace has no key version ${missing}`)
}

const forbidden = refuse('forbidden', 'no right to write in this workspace')

function conflict(current: Row): Refusal {
  return { ...refuse('conflict', 'the row was changed meanwhile'), current }
}

function deletedConflict(revision: number | undefined): Refusal {
  const refusal = { ...refuse('conflict', 'the row does not exist any more'), current: null }
  return revision === undefined ? refusal : { ...refusal, deletedRevision: revision }
}
