import type { FastifyInstance } from 'fastify'
import type { ResolvedConfig } from './config.ts'
import { ApiError } from './errors.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Stops cross-site request forgery: whatever may change state must come from one of our origins.
 * Browsers send `Origin` with every such request; anything else has to name it too. What a page of
 * another site makes a browser read (an image, a link) is refused too, where the browser says so.
 */
export function requireOwnOrigin(app: FastifyInstance, config: ResolvedConfig): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { origin } = request.headers
    const isOwn = origin !== undefined && config.allowedOrigins.has(origin)
    const isCrossSite = request.headers['sec-fetch-site'] === 'cross-site'
    const allowed = isOwn || (safeMethods.has(request.method) && !isCrossSite)
    done(allowed ? undefined : new ApiError('foreign-origin', 'the Origin header is not ours'))
  })
}
