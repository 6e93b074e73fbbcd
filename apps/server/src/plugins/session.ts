import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Auth } from './auth.ts'
import { ApiError } from './errors.ts'

/** Who asks. */
export interface Session {
  readonly id: string
  readonly userId: string
  readonly email: string
}

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | null
  }
  interface FastifyContextConfig {
    /** Who may ask: every route says it; `session` answers 401 to anyone not signed in. */
    access?: 'anonymous' | 'session'
  }
}

/**
 * Whose ledger a device asks for. The session cookie is the browser's, and may be another person's
 * by now: then nothing of the ledger is taken or given.
 */
const ownerHeader = 'x-sealbook-user'

/** Reads the session before the body is: nobody else can make the server parse one. */
export function requireSessions(app: FastifyInstance, auth: Auth): void {
  app.decorateRequest('session', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`${route.url} does not say who may ask`)
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.access !== 'session') return
    const { headers, response } = await auth.api.getSession({
      headers: new Headers({ cookie: request.headers.cookie ?? '' }),
      returnHeaders: true,
    })
    if (response === null) throw new ApiError('unauthorized', 'sign in first')
    const named = request.headers[ownerHeader]
    if (named !== undefined && named !== response.user.id) {
      throw new ApiError('unauthorized', 'the session is another account’s')
    }
    // A session that is used is prolonged now and then.
    for (const cookie of headers.getSetCookie()) reply.header('set-cookie', cookie)
    const { session, user } = response
    request.session = { id: session.id, userId: user.id, email: user.email }
  })
}

/** @throws when the route is not declared with `access: 'session'`: a bug. */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === null) throw new Error('the route does not require a session')
  return request.session
}
