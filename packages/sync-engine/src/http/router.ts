import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../logger.ts'
import { readGauges } from '../operations/gauges.ts'
import { type Metrics, metricsContentType } from '../operations/metrics.ts'
import type { Pulse } from '../operations/pulse.ts'
import type { ServingEngine, ServingState } from '../serving.ts'
import { parseStreamRequest } from '../stream/request.ts'
import type { SyncToken, VerifyToken } from './auth.ts'
import type { ConnectionLimit } from './connection-limit.ts'
import type { SessionVisits } from './sessions.ts'
import { allowOrigins, readJson, sendError, sendJson } from './respond.ts'
import { serveStream } from './stream-route.ts'

/** Positions of thousands of buckets fit. */
const bodyLimitBytes = 4 * 1024 * 1024
/** How long a request waits for an engine that is starting before it is sent away. */
const patienceMs = 10_000

/** Handles requests whose paths are relative to the engine's mount. */
export type RequestHandler = (req: IncomingMessage, res: ServerResponse) => void

export interface RouterDeps {
  readonly verifyToken: VerifyToken
  /** null: sessions are not followed, and a token holds until it expires. */
  readonly visits: SessionVisits | null
  readonly serving: ServingState
  readonly limit: ConnectionLimit
  readonly metrics: Metrics
  /** What `GET /metrics` must be asked with; undefined: there is no such path. */
  readonly metricsToken: string | undefined
  readonly pulse: Pulse
  readonly logger: Logger
}

export function createRouter(deps: RouterDeps): RequestHandler {
  return (req, res) => {
    route(deps, req, res).catch((error: unknown) => {
      deps.logger.error({ err: error }, 'sync request failed')
      if (res.headersSent) res.destroy()
      else sendError(res, 500, { code: 'PSYNC_S2001', description: 'Internal error' })
    })
  }
}

async function route(deps: RouterDeps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  allowOrigins(res)
  const url = URL.parse(`http://engine${req.url ?? '/'}`)
  if (!url) return sendError(res, 400, { code: 'PSYNC_S2001', description: 'not an address' })
  if (req.method === 'OPTIONS') {
    res.writeHead(204).end()
    return
  }
  switch (`${req.method} ${url.pathname}`) {
    case 'GET /probes/startup':
      return sendProbe(deps, res, true)
    case 'GET /probes/liveness':
      return sendProbe(deps, res, !deps.pulse.isStuck)
    case 'GET /probes/readiness':
      return sendProbe(deps, res, deps.serving.current !== null)
    case 'GET /metrics':
      return sendMetrics(deps, req, res)
    case 'GET /write-checkpoint2.json':
      return withToken(deps, req, res, async (engine, token) => {
        const clientId = url.searchParams.get('client_id') ?? ''
        const number = await engine.writeCheckpoints.create(token.userId, clientId)
        sendJson(res, 200, { data: { write_checkpoint: String(number) } })
      })
    case 'POST /sync/stream':
      return withToken(deps, req, res, (engine, token, ended) =>
        stream(deps, engine, req, res, token, ended),
      )
    default:
      return sendError(res, 404, noSuchPath)
  }
}

function sendProbe({ serving, pulse }: RouterDeps, res: ServerResponse, isWell: boolean): void {
  sendJson(res, isWell ? 200 : 503, {
    ready: serving.current !== null,
    touched_at: new Date(pulse.lastBeat).toISOString(),
  })
}

async function sendMetrics(
  deps: RouterDeps,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { metricsToken, metrics, limit, serving } = deps
  if (metricsToken === undefined) return sendError(res, 404, noSuchPath)
  if (!isSameSecret(req.headers.authorization ?? '', `Bearer ${metricsToken}`)) {
    return sendError(res, 401, { code: 'PSYNC_S2106', description: 'Authentication required' })
  }
  const gauges = await readGauges(limit.connections, serving.current)
  res.writeHead(200, { 'Content-Type': metricsContentType, 'Cache-Control': 'no-store' })
  res.end(metrics.render(gauges))
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

const noSuchPath = { code: 'PSYNC_S2002', description: 'The path does not exist' }

async function withToken(
  deps: RouterDeps,
  req: IncomingMessage,
  res: ServerResponse,
  serve: (engine: ServingEngine, token: SyncToken, ended: AbortSignal) => Promise<void>,
): Promise<void> {
  const token = await deps.verifyToken(req.headers.authorization)
  if (!token.ok) return sendError(res, 401, { name: 'AuthorizationError', ...token.error })
  const engine = await deps.serving.wait(patienceMs)
  if (!engine) return sendUnavailable(res)
  const visit = await enter(deps, token.value)
  if (visit === 'unavailable') return sendUnavailable(res)
  if (!visit) return sendError(res, 401, { name: 'AuthorizationError', ...signedOut })
  try {
    await serve(engine, token.value, visit.ended)
  } finally {
    visit.leave()
  }
}

const signedOut = { code: 'PSYNC_S2101', description: 'The session of the token has ended' }

type Visit = NonNullable<Awaited<ReturnType<SessionVisits['enter']>>>

/** null: the token's session has ended, or it names none. */
async function enter(
  { visits, logger }: RouterDeps,
  { sessionId }: SyncToken,
): Promise<Visit | 'unavailable' | null> {
  if (!visits) return { ended: new AbortController().signal, leave: () => undefined }
  if (sessionId === null) return null
  try {
    return await visits.enter(sessionId)
  } catch (error) {
    logger.error({ err: error }, 'whether a session is signed in could not be asked')
    return 'unavailable'
  }
}

function sendUnavailable(res: ServerResponse): void {
  res.setHeader('Retry-After', '1')
  sendError(res, 503, { code: 'PSYNC_S2003', description: 'Service temporarily unavailable' })
}

async function stream(
  { limit, metrics, logger }: RouterDeps,
  engine: ServingEngine,
  req: IncomingMessage,
  res: ServerResponse,
  token: SyncToken,
  ended: AbortSignal,
): Promise<void> {
  const body = await readJson(req, bodyLimitBytes)
  if (!body.ok) {
    const status = body.error === 'too-large' ? 413 : 400
    return sendError(res, status, { code: 'PSYNC_S2001', description: body.error })
  }
  const request = parseStreamRequest(body.value)
  if (!request) return sendError(res, 400, { code: 'PSYNC_S2001', description: 'not a request' })
  const leave = limit.enter(token.userId)
  if (!leave) {
    metrics.add('connectionsRefused')
    res.setHeader('Retry-After', '5')
    return sendError(res, 429, {
      code: 'PSYNC_S2304',
      description: 'Maximum active concurrent connections limit has been reached',
    })
  }
  try {
    await serveStream({ engine, metrics, logger, ended }, req, res, token, request)
  } finally {
    leave()
  }
}
