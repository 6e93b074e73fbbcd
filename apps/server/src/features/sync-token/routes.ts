import { importJWK, SignJWT } from 'jose'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { z } from 'zod'
import type { ResolvedConfig } from '../../plugins/config.ts'
import { errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'
import { currentSigningKey, publishedKeys, signingAlgorithm } from './signing-keys.ts'

const tokenLifetime = '5m'
const jwksMaxAgeSeconds = 300

const tokenSchema = z.object({ token: z.string(), powersync_url: z.string() })
const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) })

export function syncTokenRoutes(pool: pg.Pool, config: ResolvedConfig): FastifyPluginAsyncZod {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/sync/token',
      config: { access: 'session' },
      schema: { response: { 200: tokenSchema, 401: errorBodySchema } },
      handler: async (request) => {
        const { kid, privateJwk } = await currentSigningKey(pool)
        const { id, userId } = sessionOf(request)
        // By `sid` the embedded engine ends the streams of a session that was ended.
        const token = await new SignJWT({ sid: id })
          .setProtectedHeader({ alg: signingAlgorithm, kid })
          .setSubject(userId)
          .setAudience(config.syncAudience)
          .setIssuer(config.publicOrigin)
          .setIssuedAt()
          .setExpirationTime(tokenLifetime)
          .sign(await importJWK(privateJwk, signingAlgorithm))
        return { token, powersync_url: config.syncUrl }
      },
    })
    return Promise.resolve()
  }
}

/** Outside /api, where verifiers look for it. */
export function jwksRoutes(pool: pg.Pool): FastifyPluginAsyncZod {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/.well-known/jwks.json',
      config: { access: 'anonymous' },
      schema: { response: { 200: jwksSchema } },
      handler: async (_request, reply) => {
        reply.header('cache-control', `public, max-age=${jwksMaxAgeSeconds}`)
        return { keys: (await publishedKeys(pool)) as { kid: string }[] }
      },
    })
    return Promise.resolve()
  }
}
