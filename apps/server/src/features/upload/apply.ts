import type { UploadError, UploadOperation, UploadResponse } from '@sealbook/schema/upload'
import type pg from 'pg'
import { inTransaction, sqlState } from '../../plugins/database.ts'
import { checkOperation, refuse, toUploadError, type Operation, type Refusal } from './check.ts'
import { decide, type DecideLimits } from './decide.ts'
import { groupWrites } from './group.ts'
import { advance, startState, type BatchState, type Loaded, type Write } from './state.ts'
import { applyWrites, loadForBatch, storeRowCounts } from './store.ts'
import type { TwinTable } from './tables.ts'

export interface UploadContext extends DecideLimits {
  readonly tables: ReadonlyMap<string, TwinTable>
  /** Skips the bulk attempt: the test that both ways answer alike sets it. */
  readonly oneByOne?: boolean
}

/** Refusals by the operation's place in the batch. */
type Refusals = Map<number, Refusal>

interface Attempt {
  readonly state: BatchState
  readonly refusals: Refusals
}

/**
 * Applies every operation that may be applied, in order and each for itself; the others are
 * answered with a reason. All of it is one transaction.
 */
export async function applyBatch(
  pool: pg.Pool,
  userId: string,
  batch: readonly UploadOperation[],
  context: UploadContext,
): Promise<UploadResponse> {
  const refusals: Refusals = new Map()
  const operations: Operation[] = []
  for (const [index, given] of batch.entries()) {
    const checked = checkOperation(context.tables, userId, given, index)
    if (checked.kind === 'refusal') refusals.set(index, checked)
    else operations.push(checked)
  }
  if (operations.length > 0) {
    const late = await inTransaction(pool, (client) =>
      applyOperations(client, userId, operations, context),
    )
    for (const [index, refusal] of late) refusals.set(index, refusal)
  }
  const errors = batch.flatMap((given, index): UploadError[] => {
    const refusal = refusals.get(index)
    return refusal === undefined ? [] : [toUploadError(index, given, refusal)]
  })
  return { applied: batch.length - errors.length, errors }
}

async function applyOperations(
  client: pg.PoolClient,
  userId: string,
  operations: readonly Operation[],
  context: UploadContext,
): Promise<Refusals> {
  const loaded = await loadForBatch(client, userId, operations)
  const inBulk = context.oneByOne ? undefined : await tryInBulk(client, loaded, operations, context)
  const { state, refusals } = inBulk ?? (await applyOneByOne(client, loaded, operations, context))
  await storeRowCounts(client, loaded.rowCounts, state.rowCounts)
  return refusals
}

/**
 * Decides in memory and writes in a few statements. When the database refuses any of it, all of it
 * is undone and the result is undefined: savepoints then find the operation at fault.
 */
async function tryInBulk(
  client: pg.PoolClient,
  loaded: Loaded,
  operations: readonly Operation[],
  limits: DecideLimits,
): Promise<Attempt | undefined> {
  const state = startState(loaded)
  const refusals: Refusals = new Map()
  const writes: Write[] = []
  for (const operation of operations) {
    const decision = decide(state, operation, limits)
    if (decision.kind === 'refusal') refusals.set(operation.index, decision)
    else if (decision.kind !== 'done') {
      advance(state, decision)
      writes.push(decision)
    }
  }
  const refused = await inSavepoint(client, async () => {
    for (const group of groupWrites(writes)) await applyWrites(client, group)
  })
  return refused === undefined ? { state, refusals } : undefined
}

async function applyOneByOne(
  client: pg.PoolClient,
  loaded: Loaded,
  operations: readonly Operation[],
  limits: DecideLimits,
): Promise<Attempt> {
  const state = startState(loaded)
  const refusals: Refusals = new Map()
  for (const operation of operations) {
    const decision = decide(state, operation, limits)
    if (decision.kind === 'refusal') refusals.set(operation.index, decision)
    else if (decision.kind !== 'done') {
      const error = await inSavepoint(client, () => applyWrites(client, [decision]))
      if (error === undefined) advance(state, decision)
      else refusals.set(operation.index, explain(error, decision))
    }
  }
  return { state, refusals }
}

/** @returns the error when the database refused the data; any other error is thrown. */
async function inSavepoint(
  client: pg.PoolClient,
  work: () => Promise<void>,
): Promise<string | undefined> {
  await client.query('SAVEPOINT attempt')
  try {
    await work()
  } catch (error) {
    const state = sqlState(error)
    if (state === undefined || !isDataError(state)) throw error
    await client.query('ROLLBACK TO SAVEPOINT attempt')
    return state
  }
  await client.query('RELEASE SAVEPOINT attempt')
  return undefined
}

const foreignKeyViolation = '23503'

/** Classes 22, data exception, and 23, integrity constraint violation. */
function isDataError(state: string): boolean {
  return state.startsWith('22') || state.startsWith('23')
}

function explain(state: string, write: Write): Refusal {
  if (state !== foreignKeyViolation)
    return refuse('invalid-data', 'a database constraint refused it')
  return write.kind === 'delete'
    ? refuse('in-use', 'other rows refer to this one')
    : refuse('missing-relation', 'it refers to a row that this workspace does not have')
}
