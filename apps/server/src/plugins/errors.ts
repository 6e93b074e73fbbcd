import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isUnavailable } from './database.ts'

/** Every answer that is not a success, apart from the refusals inside an upload's 200. */
export const errorBodySchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
})
export type ErrorBody = z.infer<typeof errorBodySchema>

/** Codes and statuses that any route may answer; features add their own (docs/api-errors.md). */
const statusByCode = {
  'malformed-json': 400,
  'invalid-request': 400,
  'malformed-batch': 400,
  unauthorized: 401,
  'foreign-origin': 403,
  'not-found': 404,
  'data-key-exists': 409,
  'keys-exist': 409,
  'version-conflict': 409,
  'workspace-exists': 409,
  'too-many-workspaces': 409,
  'body-too-large': 413,
  'batch-too-large': 413,
  'unsupported-media-type': 415,
  'too-many-requests': 429,
  internal: 500,
  unavailable: 503,
} as const
export type ErrorCode = keyof typeof statusByCode

const retryAfterSeconds = 2

/** An expected failure on its way to the one handler. `message` is for people and quotes no input. */
export class ApiError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

export function errorBody(code: string, message: string): ErrorBody {
  return { error: { code, message } }
}

/** The one place where an error becomes an answer. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const { code, message } = toApiError(error, request.method)
    const status = statusByCode[code]
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    if (status === 503) reply.header('retry-after', retryAfterSeconds)
    return reply.code(status).send(errorBody(code, message))
  })
}

export function answerNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send(errorBody(notThere.code, notThere.message))
}

/** An address that cannot be decoded; Fastify's own answer would repeat it. */
export function answerBadAddress(
  _error: Error,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.code(400).send(errorBody(badAddress.code, badAddress.message))
}

function toApiError(error: FastifyError | ApiError, method: string): Fault {
  if (error instanceof ApiError) return error
  if (isUnavailable(error)) return { code: 'unavailable', message: 'try again in a moment' }
  if (isResponseSerializationError(error)) return internal
  if (hasZodFastifySchemaValidationErrors(error)) {
    const places = error.validation.map((issue) => issue.instancePath || '/').slice(0, 3)
    return { code: 'invalid-request', message: `the request does not fit: ${places.join(', ')}` }
  }
  const status = error.statusCode ?? 500
  if (status < 400 || status >= 500) return internal
  // Of what has no body only the address can be at fault; a file outside the folder is not there.
  if (method === 'GET' || method === 'HEAD') return status === 403 ? notThere : badAddress
  return faultByStatus.get(status) ?? badRequest
}

interface Fault {
  readonly code: ErrorCode
  readonly message: string
}

const internal: Fault = { code: 'internal', message: 'something went wrong' }
const notThere: Fault = { code: 'not-found', message: 'there is nothing at this address' }
const badAddress: Fault = { code: 'invalid-request', message: 'the address is malformed' }
const badRequest: Fault = { code: 'invalid-request', message: 'the request is malformed' }

/** What Fastify itself refuses, before any route sees it. */
const faultByStatus: ReadonlyMap<number, Fault> = new Map([
  [400, { code: 'malformed-json', message: 'the body is not valid JSON' }],
  [413, { code: 'body-too-large', message: 'the body is too large' }],
  [414, { code: 'invalid-request', message: 'the address is too long' }],
  [415, { code: 'unsupported-media-type', message: 'the body must be application/json' }],
])
