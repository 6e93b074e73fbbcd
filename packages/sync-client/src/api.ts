import { maxRevision, type UploadOperation } from '@sealbook/schema/upload'

/** A token for the sync service, and where that is. */
export interface SyncToken {
  readonly token: string
  readonly powersync_url: string
}

/** A permanent "no" to one operation of a batch. */
export interface Refusal {
  readonly index: number
  readonly code: string
  readonly retryable: boolean
  readonly detail: string
  /** With `conflict`: the stored row, null when it was deleted; undefined otherwise. */
  readonly current: Readonly<Record<string, unknown>> | null | undefined
  /** With `conflict` on a deleted row: creating it again needs a greater revision. */
  readonly deletedRevision: number | null
}

/** What became of a posted batch. Only `answered` means that the server looked at the operations. */
export type PostResult =
  | { readonly kind: 'answered'; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'malformed' } // 400
  | { readonly kind: 'too-large' } // 413
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number | null } // no network, 429, 5xx

export interface SyncApi {
  /** Null when nobody is signed in. @throws SyncUnavailableError */
  fetchToken(): Promise<SyncToken | null>
  /** Rejects only when `signal` aborts. */
  postBatch(batch: readonly UploadOperation[], signal?: AbortSignal): Promise<PostResult>
}

/** The server could not be reached or did not answer sensibly: try again later. */
export class SyncUnavailableError extends Error {
  override readonly name = 'SyncUnavailableError'
}

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>

/**
 * @param baseUrl without a slash at the end; empty for the page's own origin.
 * @param now milliseconds since 1970: what a `Retry-After` date is counted from.
 */
export function createSyncApi(fetch: Fetch, baseUrl: string, now = Date.now): SyncApi {
  return {
    async fetchToken() {
      const response = await request(fetch, `${baseUrl}/api/sync/token`, { method: 'GET' })
      if (response?.status === 401) return null
      const body: unknown = response?.ok === true ? await readJson(response) : undefined
      if (!isToken(body)) throw new SyncUnavailableError('no sync token to be had')
      return { token: body.token, powersync_url: body.powersync_url }
    },

    async postBatch(batch, signal) {
      const response = await request(
        fetch,
        `${baseUrl}/api/sync/upload`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ batch }),
        },
        signal,
      )
      signal?.throwIfAborted()
      if (response === undefined) return { kind: 'unavailable', retryAfterMs: null }
      switch (response.status) {
        case 200: {
          const refusals = readRefusals(await readJson(response), batch.length)
          // A captive portal answers 200 too.
          if (refusals === undefined) return { kind: 'unavailable', retryAfterMs: null }
          return { kind: 'answered', refusals }
        }
        case 400:
          return { kind: 'malformed' }
        case 401:
          return { kind: 'signed-out' }
        case 413:
          return { kind: 'too-large' }
        default:
          return { kind: 'unavailable', retryAfterMs: readRetryAfter(response, now()) }
      }
    },
  }
}

const requestTimeoutMs = 60_000

/** Undefined when there was no answer. */
async function request(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Response | undefined> {
  const aborter = new AbortController()
  const abort = () => aborter.abort()
  const timer = setTimeout(abort, requestTimeoutMs)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted === true) abort()
  try {
    return await fetch(url, { ...init, credentials: 'include', signal: aborter.signal })
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

function isToken(body: unknown): body is SyncToken {
  return isRecord(body) && typeof body.token === 'string' && typeof body.powersync_url === 'string'
}

/** Lets a newer server say more; undefined when it is not an answer to this batch. */
function readRefusals(body: unknown, batchLength: number): Refusal[] | undefined {
  if (!isRecord(body) || typeof body.applied !== 'number' || !Array.isArray(body.errors)) {
    return undefined
  }
  const refusals = (body.errors as unknown[]).map((each) => readRefusal(each, batchLength))
  return refusals.every((each) => each !== undefined) ? refusals : undefined
}

function readRefusal(error: unknown, batchLength: number): Refusal | undefined {
  if (!isRecord(error)) return undefined
  const { index, code, detail, current, deletedRevision } = error
  if (typeof index !== 'number' || typeof code !== 'string') return undefined
  if (!Number.isInteger(index) || index < 0 || index >= batchLength) return undefined
  return {
    index,
    code,
    retryable: error.retryable === true,
    detail: typeof detail === 'string' ? detail : '',
    current: current === null || isRecord(current) ? current : undefined,
    deletedRevision: isRevision(deletedRevision) ? deletedRevision : null,
  }
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= maxRevision
}

/**
 * Seconds or a date (RFC 9110). A date counts from the server's own `Date`, where it can be read,
 * so that a device whose clock is wrong waits no longer and no shorter than it was asked to.
 */
function readRetryAfter(response: Response, nowMs: number): number | null {
  const given = response.headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(given)) return Math.min(Number(given) * 1000, longestRetryAfterMs)
  const untilMs = readDate(given)
  if (untilMs === null) return null
  const leftMs = untilMs - (readDate(response.headers.get('date') ?? '') ?? nowMs)
  return Math.min(Math.max(leftMs, 0), longestRetryAfterMs)
}

/** No answer of a server keeps a device from trying for longer. */
const longestRetryAfterMs = 3_600_000

/** An HTTP date, which always begins with the day's name. */
function readDate(text: string): number | null {
  const ms = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms) ? null : ms
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
