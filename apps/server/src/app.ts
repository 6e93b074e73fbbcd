import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { attemptRoutes, sessionRoutes } from './features/auth/routes.ts'
import { compareRoutes } from './features/compare/routes.ts'
import { healthRoutes } from './features/health/routes.ts'
import { keyRoutes } from './features/keys/routes.ts'
import { meRoutes } from './features/me/routes.ts'
import { jwksRoutes, syncTokenRoutes } from './features/sync-token/routes.ts'
import { ensureSigningKey } from './features/sync-token/signing-keys.ts'
import { uploadRoutes } from './features/upload/routes.ts'
import { ServerLife } from './features/upload/server-life.ts'
import { workspaceRoutes } from './features/workspaces/routes.ts'
import { createAuth } from './plugins/auth.ts'
import { resolveConfig, type ServerConfig } from './plugins/config.ts'
import { publishDocs } from './plugins/docs.ts'
import { answerBadAddress, answerNotFound, handleErrors } from './plugins/errors.ts'
import { limitAttempts, limitRequests } from './plugins/limits.ts'
import { createLogger, logRequests, withSafeSerializers } from './plugins/log.ts'
import { requireOwnOrigin } from './plugins/origin.ts'
import { requireSessions } from './plugins/session.ts'

export interface AppDeps {
  /** On a migrated database. The caller ends it, after the app. */
  readonly pool: pg.Pool
  readonly config: ServerConfig
  /** Any pino; its serializers are replaced by ones that cannot write a request's content. */
  readonly logger?: FastifyBaseLogger
}

/** The whole HTTP service, not yet listening. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { pool } = deps
  const config = resolveConfig(deps.config)
  const logger = withSafeSerializers(deps.logger ?? createLogger())
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustProxy,
    bodyLimit: config.maxBodyBytes,
    exposeHeadRoutes: false,
    frameworkErrors: answerBadAddress,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  handleErrors(app)
  logRequests(app)
  app.setNotFoundHandler(answerNotFound)

  await ensureSigningKey(pool)
  const life = await ServerLife.begin({ pool, logger })
  app.addHook('onClose', () => life.end())
  const auth = createAuth(pool, config, logger)
  await publishDocs(app)
  await app.register(async (wellKnown) => {
    await limitRequests(wellKnown, config.rateLimits.api)
    requireSessions(wellKnown, auth)
    await wellKnown.register(jwksRoutes(pool))
  })
  await app.register(
    async (api) => {
      neverCache(api)
      await api.register(healthRoutes(pool))
      await api.register(async (guarded) => {
        await limitAttempts(guarded, pool, config.rateLimits.auth, 'auth')
        requireOwnOrigin(guarded, config)
        requireSessions(guarded, auth)
        await guarded.register(attemptRoutes(auth, config))
      })
      await api.register(async (open) => {
        await limitRequests(open, config.rateLimits.api)
        requireOwnOrigin(open, config)
        requireSessions(open, auth)
        await open.register(sessionRoutes(auth, config))
        await open.register(meRoutes)
        await open.register(keyRoutes(pool))
        await open.register(workspaceRoutes(pool))
        await open.register(syncTokenRoutes(pool, config))
        await open.register(uploadRoutes(pool, config, life))
        await open.register(compareRoutes(pool))
      })
    },
    { prefix: '/api' },
  )
  return app
}

function neverCache(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store')
    done()
  })
}
