import { betterAuth, type BetterAuthOptions } from 'better-auth'
import type { FastifyBaseLogger } from 'fastify'
import type pg from 'pg'
import type { ResolvedConfig } from './config.ts'

/** Set by us from the connection, whatever the client sent under this name. */
export const clientAddressHeader = 'x-sealbook-client-address'

/** Length limits of an account password. */
export const passwordLength = { min: 8, max: 128 } as const

const sessionDays = 30
const daySeconds = 86_400

/** Its programmatic interface; routes call `handler`, the session plugin calls `api.getSession`. */
export type Auth = ReturnType<typeof createAuth>

/** better-auth on our tables. It never migrates: migrations/0001 holds what it expects. */
export function createAuth(pool: pg.Pool, config: ResolvedConfig, logger: FastifyBaseLogger) {
  return betterAuth(authOptions(pool, config, logger))
}

/** Exported for the test that compares them with the SQL. */
export function authOptions(pool: pg.Pool, config: ResolvedConfig, logger: FastifyBaseLogger) {
  return {
    appName: 'Sealbook',
    baseURL: config.publicOrigin,
    basePath: '/api/auth',
    secret: config.authSecret,
    database: pool,
    trustedOrigins: [...config.allowedOrigins],
    emailAndPassword: {
      enabled: true,
      minPasswordLength: passwordLength.min,
      maxPasswordLength: passwordLength.max,
    },
    user: {
      modelName: 'auth_user',
      fields: { emailVerified: 'email_verified', ...timestamps },
    },
    session: {
      modelName: 'auth_session',
      expiresIn: sessionDays * daySeconds,
      updateAge: daySeconds,
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...timestamps,
      },
    },
    account: {
      modelName: 'auth_account',
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...timestamps,
      },
    },
    verification: {
      modelName: 'auth_verification',
      fields: { expiresAt: 'expires_at', ...timestamps },
    },
    // plugins/limits.ts counts in Postgres and answers with Retry-After.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Its messages quote people's addresses: only what it caught is passed on.
    logger: {
      level: 'error',
      log: (_level, _message, ...details: unknown[]) => {
        const error = details.find((detail) => detail instanceof Error && !isExpected(detail))
        if (error !== undefined) logger.error({ err: error }, 'better-auth failed')
      },
    },
    advanced: {
      cookiePrefix: 'sealbook',
      useSecureCookies: config.secureCookies,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      database: { generateId: 'uuid' },
    },
  } satisfies BetterAuthOptions
}

const timestamps = { createdAt: 'created_at', updatedAt: 'updated_at' } as const

/** An answer of better-auth's own, such as a wrong password. */
function isExpected(error: unknown): boolean {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  return typeof error.statusCode === 'number' && error.statusCode < 500
}
