import type { PostResult, Refusal, SyncApi } from './api.ts'
import { SyncUnavailableError } from './api.ts'
import { backoffMs } from './backoff.ts'
import type { MergedOperation } from './merge.ts'

/** Nobody is signed in: the queue waits until somebody is. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError'
}

export interface RefusedOperation extends MergedOperation {
  readonly refusal: Omit<Refusal, 'index' | 'retryable'>
}

export interface PostDeps {
  readonly api: Pick<SyncApi, 'postBatch'>
  /** From 0 up to 1. */
  readonly random: () => number
  /** Waits; rejects when aborted. */
  readonly sleep: (ms: number) => Promise<void>
  readonly signal?: AbortSignal | undefined
  /** The server is there, whatever it said. */
  readonly onAnswered: () => void
  /** Whether a server without an answer is asked again within this call. */
  readonly mayRepeat: () => boolean
}

/** The server takes 1,000; half of that keeps a request's time and size small. */
const maxChunkOperations = 500

/**
 * Posts all operations in order, and returns those that were refused for good.
 * @throws SyncUnavailableError or SignedOutError: then nothing is known and all stays queued; the
 * server answers operations that it has applied already as it did the first time.
 */
export async function postOperations(
  deps: PostDeps,
  operations: readonly MergedOperation[],
): Promise<RefusedOperation[]> {
  const refused: RefusedOperation[] = []
  for (let start = 0; start < operations.length; start += maxChunkOperations) {
    const chunk = operations.slice(start, start + maxChunkOperations)
    refused.push(...(await postChunk(deps, chunk)))
  }
  return refused
}

async function postChunk(
  deps: PostDeps,
  chunk: readonly MergedOperation[],
): Promise<RefusedOperation[]> {
  const result = await postBatchWithRetries(deps, chunk)
  switch (result.kind) {
    case 'answered':
      return result.refusals.flatMap((refusal) => {
        const merged = chunk[refusal.index]
        return merged === undefined ? [] : [{ ...merged, refusal }]
      })
    case 'malformed':
    case 'too-large': {
      const [first, ...rest] = chunk
      if (first === undefined) return []
      if (rest.length === 0) return [{ ...first, refusal: refusalOf(result.kind) }]
      // Halves, until the operation that the server cannot read stands alone.
      const half = Math.ceil(chunk.length / 2)
      const before = await postChunk(deps, chunk.slice(0, half))
      return [...before, ...(await postChunk(deps, chunk.slice(half)))]
    }
  }
}

function refusalOf(kind: 'malformed' | 'too-large'): RefusedOperation['refusal'] {
  const code = kind === 'malformed' ? 'invalid-operation' : 'too-large'
  const detail = 'the server does not take this operation, not even alone'
  return { code, detail, current: undefined, deletedRevision: null }
}

type Verdict = Extract<PostResult, { kind: 'answered' | 'malformed' | 'too-large' }>

/** Posts one batch until the server has a lasting answer to it. */
async function postBatchWithRetries(
  deps: PostDeps,
  chunk: readonly MergedOperation[],
): Promise<Verdict> {
  const batch = chunk.map(({ operation }) => operation)
  for (let attempt = 1; ; attempt++) {
    const result = await deps.api.postBatch(batch, deps.signal)
    if (result.kind !== 'unavailable') deps.onAnswered()
    switch (result.kind) {
      case 'signed-out':
        throw new SignedOutError('sign in to upload')
      case 'malformed':
      case 'too-large':
        return result
      case 'answered':
        // What was applied is answered alike when the batch comes again.
        if (!result.refusals.some(({ retryable }) => retryable)) return result
        await waitForAttempt(deps, attempt, null)
        break
      case 'unavailable':
        await waitForAttempt(deps, attempt, result.retryAfterMs)
    }
  }
}

/** PowerSync calls `uploadData` again later: a call must not hold up a disconnect for long. */
const maxAttempts = 5
const delays = { firstMs: 500, longestMs: 10_000 }

async function waitForAttempt(
  { random, sleep, mayRepeat }: PostDeps,
  attempt: number,
  retryAfterMs: number | null,
): Promise<void> {
  const delayMs = Math.max(backoffMs(attempt - 1, delays, random), retryAfterMs ?? 0)
  if (delayMs > delays.longestMs) throw new RetryLaterError(delayMs)
  if (attempt >= maxAttempts || !mayRepeat()) {
    throw new SyncUnavailableError('the server does not answer')
  }
  await sleep(delayMs)
}

/** The server named a time that is too far off to wait for within one call. */
export class RetryLaterError extends SyncUnavailableError {
  readonly delayMs: number

  constructor(delayMs: number) {
    super('the server asks for patience')
    this.delayMs = delayMs
  }
}
