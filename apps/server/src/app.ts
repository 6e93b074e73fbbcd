import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
} from 'fastify'
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
import { countInMemory, countInPostgres } from './plugins/counters.ts'
import { byAccount, limitBy, type LimitHook } from './plugins/limits.ts'
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
  const { rateLimits } = config
  const here = countInMemory(Date.now)
  const everywhere = countInPostgres(pool)
  const perNetwork = limitBy(here, 'api', rateLimits.api)
  await app.register(async (wellKnown) => {
    wellKnown.addHook('onRequest', limitBy(here, 'jwks', rateLimits.api))
    requireSessions(wellKnown, auth)
    await wellKnown.register(jwksRoutes(pool))
  })
  await app.register(
    async (api) => {
      neverCache(api)
      await api.register(healthRoutes(pool))
      await api.register(async (guarded) => {
        requireOwnOrigin(guarded, config)
        guarded.addHook('onRequest', limitBy(everywhere, 'auth', rateLimits.auth))
        requireSessions(guarded, auth)
        await guarded.register(attemptRoutes(auth, config, everywhere))
      })
      await api.register(async (open) => {
        requireOwnOrigin(open, config)
        open.addHook('onRequest', perNetwork)
        requireSessions(open, auth)
        open.addHook('onRequest', limitBy(here, 'account', rateLimits.account, byAccount))
        await open.register(sessionRoutes(auth, config))
        await open.register(meRoutes)
        await open.register(syncTokenRoutes(pool, config))
        await open.register(compareRoutes(pool))
        const uploads = limitBy(here, 'uploads', rateLimits.uploads, byAccount)
        await registerLimited(open, uploads, [uploadRoutes(pool, config, life)])
        const keys = limitBy(here, 'keys', rateLimits.keys, byAccount)
        await registerLimited(open, keys, [keyRoutes(pool), workspaceRoutes(pool, config)])
      })
    },
    { prefix: '/api' },
  )
  return app
}

async function registerLimited(
  app: FastifyInstance,
  limit: LimitHook,
  routes: readonly FastifyPluginAsync[],
): Promise<void> {
  await app.register(async (limited) => {
    limited.addHook('onRequest', limit)
    for (const plugin of routes) await limited.register(plugin)
  })
}

function neverCache(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store')
    done()
  })
}
