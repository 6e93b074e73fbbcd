import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { clientAddressHeader, type Auth } from '../../plugins/auth.ts'
import type { ResolvedConfig } from '../../plugins/config.ts'
import type { Counter } from '../../plugins/counters.ts'
import { errorBody, errorBodySchema } from '../../plugins/errors.ts'
import { byNetwork, inTotal, limitBy, type LimitHook } from '../../plugins/limits.ts'
import * as schemas from './schemas.ts'

interface AuthRoute {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly access: 'anonymous' | 'session'
  readonly body?: z.ZodType
  readonly response: z.ZodType
  /** Asked in turn once the body is known to be well-formed. */
  readonly limits?: readonly LimitHook[]
}

const signUp = post('/sign-up/email', 'anonymous', schemas.signUpSchema, schemas.signedInSchema)
const guesses: readonly AuthRoute[] = [
  post('/sign-in/email', 'anonymous', schemas.signInSchema, schemas.signedInSchema),
  post('/change-password', 'session', schemas.changePasswordSchema, schemas.signedInSchema),
]

const sessions: readonly AuthRoute[] = [
  post('/sign-out', 'anonymous', schemas.noBodySchema, schemas.doneSchema),
  get('/get-session', 'anonymous', schemas.currentSessionSchema),
  get('/list-sessions', 'session', schemas.sessionListSchema),
  post('/revoke-session', 'session', schemas.revokeSessionSchema, schemas.doneSchema),
  post('/revoke-sessions', 'session', schemas.noBodySchema, schemas.doneSchema),
  post('/revoke-other-sessions', 'session', schemas.noBodySchema, schemas.doneSchema),
]

/**
 * Better-auth's routes that the app uses, one by one: what is not named here does not exist. Guessing
 * a password, asking who has an account and filling the user table start with these.
 *
 * @param counter holds for all processes together
 */
export function attemptRoutes(
  auth: Auth,
  config: ResolvedConfig,
  counter: Counter,
): FastifyPluginAsyncZod {
  const { rateLimits } = config
  const signUpLimits = [
    limitBy(counter, 'sign-up', rateLimits.signUps, byNetwork),
    limitBy(counter, 'sign-up', rateLimits.allSignUps, inTotal),
  ]
  const guessLimits = [limitBy(counter, 'guess', rateLimits.guesses, byAccountAddress)]
  const routes = [
    { ...signUp, limits: signUpLimits },
    ...guesses.map((route) => ({ ...route, limits: guessLimits })),
  ]
  return register(routes, auth, config)
}

/** Hashed: the counter keeps no list of what people typed. */
function byAccountAddress(request: FastifyRequest): string | null {
  const typed = (request.body as { email?: string }).email
  const address = request.session?.email ?? typed
  if (address === undefined) return null
  return createHash('sha256').update(address.trim().toLowerCase()).digest('base64url')
}

export function sessionRoutes(auth: Auth, config: ResolvedConfig): FastifyPluginAsyncZod {
  return register(sessions, auth, config)
}

function register(
  routes: readonly AuthRoute[],
  auth: Auth,
  config: ResolvedConfig,
): FastifyPluginAsyncZod {
  return (app) => {
    for (const { method, url, access, body, response, limits = [] } of routes) {
      app.route({
        method,
        url: `/auth${url}`,
        config: { access },
        preHandler: [...limits],
        schema: {
          ...(body === undefined ? {} : { body }),
          response: { 200: response, '4xx': errorBodySchema },
        },
        handler: async (request, reply) => {
          const path = `/api/auth${url}`
          const answer = await auth.handler(toWebRequest(request, config.publicOrigin + path))
          return await sendWebResponse(answer, reply)
        },
      })
    }
    return Promise.resolve()
  }
}

function toWebRequest(request: FastifyRequest, url: string): Request {
  const headers = new Headers({ [clientAddressHeader]: request.ip })
  for (const name of ['cookie', 'origin', 'user-agent'] as const) {
    const value = request.headers[name]
    if (value !== undefined) headers.set(name, value)
  }
  if (request.method === 'GET') return new Request(url, { headers })
  headers.set('content-type', 'application/json')
  return new Request(url, {
    method: request.method,
    headers,
    body: JSON.stringify(request.body ?? {}),
  })
}

async function sendWebResponse(answer: Response, reply: FastifyReply): Promise<unknown> {
  for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie)
  if (answer.ok) return await answer.json()
  const { code, message } = await readError(answer)
  // It names its own failures 4xx too.
  if (answer.status >= 500 || code.startsWith('FAILED_TO_')) throw new Error('better-auth failed')
  const stableCode = code.toLowerCase().replaceAll('_', '-')
  return reply.code(answer.status).send(errorBody(stableCode, message))
}

async function readError(answer: Response): Promise<{ code: string; message: string }> {
  const given = (await answer.json().catch(() => ({}))) as { code?: unknown; message?: unknown }
  return {
    code: typeof given.code === 'string' ? given.code : 'REFUSED',
    message: typeof given.message === 'string' ? given.message : 'refused',
  }
}

function get(url: string, access: AuthRoute['access'], response: z.ZodType): AuthRoute {
  return { method: 'GET', url, access, response }
}

function post(
  url: string,
  access: AuthRoute['access'],
  body: z.ZodType,
  response: z.ZodType,
): AuthRoute {
  return { method: 'POST', url, access, body, response }
}
