import type { IncomingMessage, ServerResponse } from 'node:http'
import { BucketAccess } from '../stream/access.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../operations/metrics.ts'
import {
  bsonContentType,
  bsonEncoder,
  ndjsonEncoder,
  nestedNdjsonEncoder,
} from '../stream/lines.ts'
import { LineOutput } from '../stream/output.ts'
import { type StreamRequest } from '../stream/request.ts'
import { SyncSession } from '../stream/session.ts'
import type { ServingEngine } from '../serving.ts'
import type { SyncToken } from './auth.ts'
import { streamContentType, wantsGzip } from './negotiate.ts'

const keepAliveMs = 20_000
/** Sooner than this before the end the client is told to fetch a new token. */
const expiryWarningMs = 20_000

export interface StreamContext {
  readonly engine: ServingEngine
  readonly metrics: Metrics
  readonly logger: Logger
  /** Aborted when the person's session ends. */
  readonly ended: AbortSignal
}

/** Serves one `POST /sync/stream` until the client goes, token or session end, or the engine stops. */
export async function serveStream(
  { engine, metrics, logger, ended }: StreamContext,
  req: IncomingMessage,
  res: ServerResponse,
  token: SyncToken,
  request: StreamRequest,
): Promise<void> {
  await engine.forgotten.learn(request.buckets.map(({ after }) => after))
  const access = new BucketAccess(engine.rules.config, token.payload, request)
  const contentType = streamContentType(req.headers.accept)
  const gzip = wantsGzip(req)
  res.writeHead(200, {
    'Content-Type': contentType,
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no', // nginx would hold lines back
    ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
  })
  const encoder =
    contentType === bsonContentType
      ? bsonEncoder
      : request.rawData
        ? ndjsonEncoder
        : nestedNdjsonEncoder
  const sent = { operations: 0, bytes: 0 }
  const count = (operations: number, bytes: number) => {
    sent.operations += operations
    sent.bytes += bytes
    metrics.add('operationsSent', operations)
    metrics.add('bytesSent', bytes)
  }
  const output = new LineOutput(res, encoder, { gzip, count })
  const startedAt = Date.now()
  metrics.add('connectionsTotal')
  logger.info({ bson: contentType === bsonContentType, gzip }, 'sync stream began')
  const session = new SyncSession({
    hub: engine.hub,
    reader: engine.reader,
    access,
    output,
    numbers: engine.numbers,
    lineBudget: engine.lineBudget,
    positions: request.buckets.map(({ name, after }) => [name, after] as const),
  })
  const unregister = engine.writeCheckpoints.register(token.userId, request.clientId, session)
  const stopClock = keepAlive(output, token.expiresAtMs)
  const stop = () => output.end()
  const stops = [engine.stopping, ended]
  for (const signal of stops) signal.addEventListener('abort', stop)
  if (stops.some(({ aborted }) => aborted)) stop()
  try {
    await session.run()
  } catch (error) {
    if (!output.closed.aborted) throw error // otherwise it only stumbled over the end
  } finally {
    for (const signal of stops) signal.removeEventListener('abort', stop)
    stopClock()
    unregister()
    output.end()
    logger.info({ ...sent, ms: Date.now() - startedAt }, 'sync stream ended')
  }
}

/** Says how long the token still holds, often enough to keep proxies awake; ends with it. */
function keepAlive(output: LineOutput, expiresAtMs: number): () => void {
  let timer: NodeJS.Timeout
  const schedule = () => {
    const left = expiresAtMs - Date.now()
    const untilWarning = left - expiryWarningMs
    timer = setTimeout(
      tick,
      Math.max(0, Math.min(keepAliveMs, untilWarning > 0 ? untilWarning : left)),
    )
  }
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((expiresAtMs - Date.now()) / 1000))
    if (seconds === 0 || !output.isBehind) void output.write({ token_expires_in: seconds })
    if (seconds === 0) output.end()
    else schedule()
  }
  schedule()
  return () => clearTimeout(timer)
}
