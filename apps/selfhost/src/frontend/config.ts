import { ConfigError } from '../config.ts'

/** What the frontend container is told; docker-compose.yml sets all of it. */
export interface FrontendConfig {
  readonly port: number
  readonly host: string
  /** Origin at which browsers reach this process. */
  readonly publicUrl: string
  /** Origin of `apps/server`. */
  readonly backendUrl: string
  /** Origin of the sync service. */
  readonly powersyncUrl: string
  /** Fastify's trustProxy: `true`, or addresses and networks of proxies in front, with commas. */
  readonly trustProxy: boolean | string
}

const defaultPort = '4173'

/**
 * @param env for instance `process.env`; an empty value counts as unset.
 * @throws {ConfigError}
 */
export function readFrontendConfig(
  env: Readonly<Record<string, string | undefined>>,
): FrontendConfig {
  const port = Number(env['PORT'] || defaultPort)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigError('PORT must be a number from 0 to 65535.')
  }
  const trustProxy = env['TRUST_PROXY'] || 'false'
  return {
    port,
    host: env['HOST'] || '0.0.0.0',
    publicUrl: readOrigin('PUBLIC_URL', env['PUBLIC_URL']),
    backendUrl: readOrigin('BACKEND_URL', env['BACKEND_URL']),
    powersyncUrl: readOrigin('POWERSYNC_URL', env['POWERSYNC_URL']),
    trustProxy: trustProxy === 'true' || (trustProxy !== 'false' && trustProxy),
  }
}

function readOrigin(name: string, text: string | undefined): string {
  const url = text && URL.canParse(text) ? new URL(text) : undefined
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === '/'
  if (!isOrigin) throw new ConfigError(`${name} must be an http address without a path.`)
  return url.origin
}
