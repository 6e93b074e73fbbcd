import path from 'node:path'

/** Everything that a person may set by environment variables; README.md lists them. */
export interface SelfhostConfig {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  /** Origin at which browsers reach this process. */
  readonly publicUrl: string
  /** An outside Postgres, instead of the embedded one. */
  readonly databaseUrl: string | undefined
  /** An outside PowerSync Service, instead of the embedded engine. */
  readonly syncUrl: string | undefined
  /** The role with which that service reads Postgres. */
  readonly syncRole: string
  readonly logLevel: string
  /** True behind a reverse proxy that sets X-Forwarded-For. */
  readonly trustProxy: boolean
  /** What `GET /powersync/metrics` must be asked with; undefined: there is no such path. */
  readonly metricsToken: string | undefined
  /** Sync streams that one person may have at a time; undefined: the engine's default. */
  readonly syncConnectionsPerUser: number | undefined
}

/** Thrown for a setting that makes no sense; the message names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const defaultPort = 4173
const shortestSecret = 16
/** As powersync/postgres/roles.sql makes it. */
const defaultSyncRole = 'powersync_source'
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/**
 * @param env for instance `process.env`; an empty value counts as unset.
 * @throws {ConfigError}
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): SelfhostConfig {
  const port = readPort(env['PORT'] || String(defaultPort))
  const publicUrl = readUrl('PUBLIC_URL', env['PUBLIC_URL'] || `http://localhost:${port}`, 'http')
  if (publicUrl.pathname !== '/') {
    throw new ConfigError('PUBLIC_URL must be an origin without a path: Sealbook needs its own.')
  }
  const databaseUrl = env['DATABASE_URL'] || undefined
  if (databaseUrl !== undefined) readUrl('DATABASE_URL', databaseUrl, 'postgres')
  const syncUrl = env['SYNC_URL'] || undefined
  if (syncUrl !== undefined) readUrl('SYNC_URL', syncUrl, 'http')
  if (syncUrl !== undefined && databaseUrl === undefined) {
    throw new ConfigError(
      'SYNC_URL needs DATABASE_URL too: the service has to read the same Postgres, and the ' +
        'embedded one has another port at every start. See docs/self-hosting.md.',
    )
  }
  const logLevel = env['LOG_LEVEL'] || (isTerminal ? 'warn' : 'info')
  if (!logLevels.includes(logLevel)) {
    throw new ConfigError(`LOG_LEVEL must be one of ${logLevels.join(', ')}.`)
  }
  return {
    port,
    host: env['HOST'] || '127.0.0.1',
    dataDir: path.resolve(env['DATA_DIR'] || '.data'),
    publicUrl: publicUrl.origin,
    databaseUrl,
    syncUrl: syncUrl?.replace(/\/+$/, ''),
    syncRole: env['SYNC_ROLE'] || defaultSyncRole,
    logLevel,
    trustProxy: readSwitch('TRUST_PROXY', env['TRUST_PROXY'] || 'false'),
    metricsToken: readSecret('METRICS_TOKEN', env['METRICS_TOKEN'] || undefined),
    syncConnectionsPerUser: readCount(
      'SYNC_CONNECTIONS_PER_USER',
      env['SYNC_CONNECTIONS_PER_USER'] || undefined,
    ),
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new ConfigError(`PORT must be a number from 1 to 65535, not "${text}".`)
}

function readUrl(name: string, text: string, scheme: 'http' | 'postgres'): URL {
  const protocols = scheme === 'http' ? ['http:', 'https:'] : ['postgres:', 'postgresql:']
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && protocols.includes(url.protocol)) return url
  // The value may hold a password: it is not repeated.
  throw new ConfigError(`${name} must be an address that starts with ${protocols[0]}//.`)
}

function readSecret(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text.length >= shortestSecret) return text
  throw new ConfigError(`${name} must have at least ${shortestSecret} characters.`)
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new ConfigError(`${name} must be a whole number above 0, not "${text}".`)
}

function readSwitch(name: string, text: string): boolean {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new ConfigError(`${name} must be true or false.`)
}
