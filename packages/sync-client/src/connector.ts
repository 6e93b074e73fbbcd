import type { PowerSyncBackendConnector } from '@powersync/common'
import type { SyncApi } from './api.ts'
import { SyncUnavailableError } from './api.ts'
import { UploadCircuit } from './circuit.ts'
import { mergeEntries } from './merge.ts'
import { postOperations, RetryLaterError, SignedOutError, type PostDeps } from './post.ts'
import { recordAnswer, type SealedChanges } from './refusals.ts'

/** What uploading is doing; the counts of waiting changes and problems are in the database. */
export type UploadState = 'uploading' | 'idle' | 'unavailable' | 'signed-out'

export interface ConnectorDeps {
  readonly api: SyncApi
  readonly changes: SealedChanges
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  readonly onUploadState?: (state: UploadState) => void
  /** Ends waiting for another attempt. */
  readonly signal?: AbortSignal
  /** Rejects when `signal` aborts. By the platform's timers unless given. */
  readonly sleep?: PostDeps['sleep']
}

export interface UploadConnector extends PowerSyncBackendConnector {
  /** The network is back: ends waiting, but for a time that the server itself named. */
  resume(): void
}

/** Connects a PowerSync database, whose tables are those of `@sealbook/schema`, to the server. */
export function createConnector(deps: ConnectorDeps): UploadConnector {
  const { api, now, random, signal } = deps
  const sleep = deps.sleep ?? ((ms: number) => waitFor(ms, signal))
  const circuit = new UploadCircuit(random)
  const post: PostDeps = {
    api,
    random,
    sleep: pause,
    signal,
    onAnswered: () => circuit.answered(),
    mayRepeat: () => !circuit.isProbing,
  }
  let notBefore = 0
  let wake = () => {}
  return {
    resume() {
      circuit.halfOpen()
      wake()
    },

    async fetchCredentials() {
      const token = await api.fetchToken()
      return token === null ? null : { endpoint: token.powersync_url, token: token.token }
    },

    /**
     * One transaction of the queue. Before it leaves the queue, refusals are kept or taken back, and
     * what the server says it has stored is remembered until it comes back.
     */
    async uploadData(db) {
      const transaction = await db.getNextCrudTransaction()
      if (!transaction) return
      await waitForTurn()
      deps.onUploadState?.('uploading')
      try {
        const operations = mergeEntries(transaction.crud)
        const refused = await postOperations(post, operations)
        await recordAnswer(db, { operations, refused }, now(), deps.changes)
        await transaction.complete()
        deps.onUploadState?.('idle')
      } catch (error) {
        if (error instanceof RetryLaterError) notBefore = now() + error.delayMs
        else if (error instanceof SyncUnavailableError) circuit.failed(now())
        deps.onUploadState?.(error instanceof SignedOutError ? 'signed-out' : 'unavailable')
        throw error
      }
    },
  }

  /** What takes longer is left to PowerSync, which calls again and can be disconnected meanwhile. */
  async function waitForTurn(): Promise<void> {
    for (let waitedMs = 0; ;) {
      const leftMs = Math.max(notBefore, circuit.openUntil) - now()
      if (leftMs <= 0) return
      if (waitedMs >= longestWaitMs) throw new SyncUnavailableError('not yet time to ask again')
      const ms = Math.min(leftMs, longestWaitMs - waitedMs)
      waitedMs += ms
      await pause(ms)
    }
  }

  function pause(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => (wake = resolve))
    return Promise.race([sleep(ms), woken])
  }
}

const longestWaitMs = 5_000

function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(new SyncUnavailableError('stopped'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
  })
}
