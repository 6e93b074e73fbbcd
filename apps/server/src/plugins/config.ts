import type { TrustProxy } from './trust-proxy.ts'

/** Requests allowed in a window. */
export interface RateLimit {
  readonly max: number
  readonly windowMs: number
}

/** By network (`networkOf`) or by account; the first four hold for all processes together. */
export interface RateLimits {
  /** Of one network: sign-ups, sign-ins and changes of password together. */
  readonly auth: RateLimit
  /** For one account address, from anywhere: sign-ins and changes of its password. */
  readonly guesses: RateLimit
  /** Of one network: sign-ups. Each tells whether an address has an account. */
  readonly signUps: RateLimit
  /** Of all together: sign-ups. */
  readonly allSignUps: RateLimit
  /** Of one network: everything else together. */
  readonly api: RateLimit
  /** Of one account: the same. */
  readonly account: RateLimit
  /** Of one account: batches of changes. */
  readonly uploads: RateLimit
  /** Of one account: whatever reads or writes keys, or makes a workspace. */
  readonly keys: RateLimit
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
  /** Most workspaces that one person may make. */
  readonly maxWorkspacesPerPerson?: number
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
  readonly maxWorkspacesPerPerson: number
  readonly maxRowsPerWorkspace: number
  readonly maxBodyBytes: number
}

const minSecretLength = 32
const minuteMs = 60_000
const hourMs = 60 * minuteMs
/**
 * A device sends a batch a second at most while it has much to send, and a few requests a minute
 * else: `account` and `uploads` let a dozen devices of one person do so at once.
 */
const defaultRateLimits: RateLimits = {
  auth: { max: 20, windowMs: minuteMs },
  guesses: { max: 100, windowMs: hourMs },
  signUps: { max: 30, windowMs: hourMs },
  allSignUps: { max: 300, windowMs: hourMs },
  api: { max: 1_200, windowMs: minuteMs },
  account: { max: 1_200, windowMs: minuteMs },
  uploads: { max: 900, windowMs: minuteMs },
  keys: { max: 120, windowMs: minuteMs },
}
const defaultMaxWorkspacesPerPerson = 50
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
    maxWorkspacesPerPerson: config.maxWorkspacesPerPerson ?? defaultMaxWorkspacesPerPerson,
    maxRowsPerWorkspace: config.maxRowsPerWorkspace ?? defaultMaxRowsPerWorkspace,
    maxBodyBytes: config.maxBodyBytes ?? defaultMaxBodyBytes,
  }
}

/** The same limit for everything, for instance one that tests do not reach. */
export function equalLimits(limit: RateLimit): RateLimits {
  return {
    auth: limit,
    guesses: limit,
    signUps: limit,
    allSignUps: limit,
    api: limit,
    account: limit,
    uploads: limit,
    keys: limit,
  }
}
