import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { pino, type DestinationStream } from 'pino'

export interface LoggerOptions {
  readonly level?: string
  /** Standard output unless told otherwise. */
  readonly destination?: DestinationStream
}

/** One JSON object a line. */
export function createLogger(options: LoggerOptions = {}): FastifyBaseLogger {
  return pino({ level: options.level ?? 'info' }, options.destination ?? pino.destination(1))
}

/** The same logger, unable to write a request's content whatever it is given. */
export function withSafeSerializers(logger: FastifyBaseLogger): FastifyBaseLogger {
  return logger.child(
    {},
    { serializers: { err: safeError, error: safeError, req: none, res: none } },
  )
}

/** One line a request: method, route pattern, status and time; never the address as it was asked. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unmatched',
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      },
      'request',
    )
    done()
  })
}

/**
 * A message may quote the input (JSON.parse, Postgres), so only what code has written remains:
 * name, code, Postgres's names and the stack's frames.
 */
function safeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const details = error as unknown as Record<string, unknown>
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    ...pick(details, [
      'code',
      'statusCode',
      'severity',
      'schema',
      'table',
      'constraint',
      'routine',
    ]),
    stack: frames.join('\n'),
    ...(error.cause === undefined ? {} : { cause: safeError(error.cause) }),
  }
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  )
}

function none(): undefined {
  return undefined
}
