import type { TrustProxy } from './trust-proxy.ts'

/** Requests allowed from one address in a window. */
export interface RateLimit {
  readonly max: number
  readonly windowMs: number
}

/** `auth` guards each sign-up, sign-in and password route; `api` everything else together. */
export interface RateLimits {
  readonly auth: RateLimit
  readonly api: RateLimit
}

/** What the server must be told. Everything optional has a production default. */
export interface ServerConfig {
  /** Origin at which people reach the app, for instance `https://sealbook.example`. */
  readonly publicUrl: string
  /** Signs session cookies; at least 32 characters, kept across restarts. */
  readonly authSecret: string
  /** Address of the sync engine as clients see it, for instance `${publicUrl}/powersync`. */
  readonly syncUrl: string
  /** Audience of sync tokens; `powersync` unless told otherwise. */
  readonly syncAudience?: string
  /** Further origins that may change state, for instance a development server's. */
  readonly trustedOrigins?: readonly string[]
  /** Fastify's `trustProxy`: needed for the client's address behind a reverse proxy. */
  readonly trustProxy?: TrustProxy
  readonly rateLimits?: Partial<RateLimits>
  /** Most rows of all entities together in one workspace. */
  readonly maxRowsPerWorkspace?: number
  /** Largest request body. */
  readonly maxBodyBytes?: number
}

/** `ServerConfig` with the defaults filled in and the addresses checked. */
export interface ResolvedConfig {
  readonly publicOrigin: string
  readonly secureCookies: boolean
  readonly authSecret: string
  readonly syncUrl: string
  readonly syncAudience: string
  readonly allowedOrigins: ReadonlySet<string>
  readonly trustProxy: TrustProxy
  readonly rateLimits: RateLimits
  readonly maxRowsPerWorkspace: number
  readonly maxBodyBytes: number
}

const minSecretLength = 32
const minuteMs = 60_000
const defaultRateLimits: RateLimits = {
  auth: { max: 20, windowMs: minuteMs },
  api: { max: 1_200, windowMs: minuteMs },
}
const defaultMaxRowsPerWorkspace = 1_000_000
const defaultMaxBodyBytes = 4 * 1024 * 1024

/** @throws when an address is not a URL or the secret is too short: the operator's mistake. */
export function resolveConfig(config: ServerConfig): ResolvedConfig {
  if (config.authSecret.length < minSecretLength) {
    throw new Error(`authSecret needs at least ${minSecretLength} characters`)
  }
  const publicUrl = new URL(config.publicUrl)
  const origins = (config.trustedOrigins ?? []).map((origin) => new URL(origin).origin)
  return {
    publicOrigin: publicUrl.origin,
    secureCookies: publicUrl.protocol === 'https:',
    authSecret: config.authSecret,
    syncUrl: config.syncUrl,
    syncAudience: config.syncAudience ?? 'powersync',
    allowedOrigins: new Set([publicUrl.origin, ...origins]),
    trustProxy: config.trustProxy ?? false,
    rateLimits: { ...defaultRateLimits, ...config.rateLimits },
    maxRowsPerWorkspace: config.maxRowsPerWorkspace ?? defaultMaxRowsPerWorkspace,
    maxBodyBytes: config.maxBodyBytes ?? defaultMaxBodyBytes,
  }
}
