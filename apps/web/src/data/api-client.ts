import type { Result, ServerFailure } from './session-types.ts'

/** The server's documented "no": callers that know its code give it a meaning. */
export interface Refusal {
  readonly kind: 'refused'
  readonly status: number
  readonly code: string
}

export type ApiError = Refusal | Exclude<ServerFailure, { kind: 'server' }>

/** Same-origin JSON requests with the session cookie. Bodies are `unknown` until a caller checks them. */
export interface ApiClient {
  get(path: string): Promise<Result<unknown, ApiError>>
  post(path: string, body: unknown): Promise<Result<unknown, ApiError>>
  put(path: string, body: unknown): Promise<Result<unknown, ApiError>>
}

/** Longer than any answer should take, shorter than a person's patience. */
const requestTimeoutMs = 15_000
/** A proxy in front of a server that is down. */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504])

/** Whose ledger asks: the server answers 401 where its session is another person's. */
export const ownerHeader = 'x-sealbook-user'

export function createApiClient(
  fetchJson: typeof fetch,
  ownerId: () => string | null = () => null,
): ApiClient {
  const send = (method: string, path: string, body?: unknown) => {
    const owner = ownerId()
    const headers = {
      ...(owner === null ? {} : { [ownerHeader]: owner }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return request(fetchJson, path, {
      method,
      headers,
      credentials: 'include',
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    put: (path, body) => send('PUT', path, body),
  }
}

/** A refusal without a meaning here becomes a plain server failure. */
export function toServerFailure(error: ApiError): ServerFailure {
  return error.kind === 'refused'
    ? { kind: 'server', status: error.status, code: error.code }
    : error
}

/** An answer that does not have the documented shape. */
export const malformedAnswer: ServerFailure = {
  kind: 'server',
  status: 200,
  code: 'malformed-answer',
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function request(
  fetchJson: typeof fetch,
  url: string,
  init: RequestInit,
): Promise<Result<unknown, ApiError>> {
  let response: Response
  try {
    response = await fetchJson(url, init)
  } catch {
    return { ok: false, error: { kind: 'offline' } }
  }
  if (gatewayStatuses.has(response.status)) return { ok: false, error: { kind: 'offline' } }
  const body = await readJson(response)
  if (response.ok) return { ok: true, value: body }
  if (response.status === 429) {
    return {
      ok: false,
      error: { kind: 'too-many-requests', retryAfterSeconds: retryAfter(response) },
    }
  }
  const code = errorCode(body)
  if (response.status === 401 && !isCredentialCode(code)) {
    return { ok: false, error: { kind: 'signed-out' } }
  }
  return { ok: false, error: { kind: 'refused', status: response.status, code } }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return null
  }
}

function retryAfter(response: Response): number | null {
  const header = response.headers.get('retry-after') ?? response.headers.get('x-retry-after')
  const seconds = header === null ? Number.NaN : Number(header)
  return Number.isFinite(seconds) ? seconds : null
}

/** `{ error: { code } }` of our routes, `{ code }` of better-auth's; in one spelling. */
function errorCode(body: unknown): string {
  if (!isRecord(body)) return 'unknown'
  const holder = isRecord(body['error']) ? body['error'] : body
  const code = holder['code']
  return typeof code === 'string' ? code.toLowerCase().replaceAll('_', '-') : 'unknown'
}

function isCredentialCode(code: string): boolean {
  return code.startsWith('invalid-')
}
