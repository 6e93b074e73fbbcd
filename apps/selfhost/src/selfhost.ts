import {
  buildApp,
  migrate,
  prepareSyncRole,
  SignedInSessions,
  surviveLostClients,
  watchReplication,
} from '@sealbook/server'
import { startSyncEngine, type SyncEngine } from '@sealbook/sync-engine'
import type { FastifyInstance } from 'fastify'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import type { SelfhostConfig } from './config.ts'
import { startEmbeddedDatabase, type Database } from './embedded-database.ts'
import { createGateway, syncPrefix, type Gateway } from './gateway.ts'
import { loadSecrets, type Secrets } from './secrets.ts'
import { securityHeaders } from './security-headers.ts'
import { buildSite } from './site.ts'

/** Files that lie beside the bundle, not in it. */
export interface SelfhostFiles {
  readonly migrationsDir: string
  readonly syncRulesFile: string
  /** The built PWA. */
  readonly siteDir: string
}

/** Everything running. */
export interface Selfhost {
  /** Resolves when the embedded Postgres went away, by itself or by `stop`. */
  readonly databaseGone: Promise<void>
  /** Sync engine, server, then Postgres. */
  stop(): Promise<void>
}

interface Parts {
  readonly gateway: Gateway
  database?: Database
  pool?: pg.Pool
  app?: FastifyInstance
  engine?: SyncEngine
  sessions?: SignedInSessions
  stopWatching?: () => void
  site?: FastifyInstance
}

/** What `aud` of sync tokens is. */
export const syncAudience = 'powersync'
const drainMs = 3_000
const engineGraceMs = 10_000

/**
 * Starts the whole product in this process, with Postgres as its child.
 *
 * @throws NodeJS.ErrnoException `EADDRINUSE` when the port is taken, before anything else starts
 * @throws {PostgresStartError}
 * @throws {SyncSetupError} when the sync service of `SYNC_URL` could not read Postgres
 */
export async function startSelfhost(
  config: SelfhostConfig,
  files: SelfhostFiles,
  logger: Logger,
): Promise<Selfhost> {
  const gateway = createGateway(securityHeaders(config.publicUrl, config.syncUrl))
  gateway.server.listen(config.port, config.host)
  await once(gateway.server, 'listening')
  const parts: Parts = { gateway }
  try {
    await startParts(parts, config, files, logger)
  } catch (error) {
    await stopParts(parts, logger)
    throw error
  }
  return {
    databaseGone: parts.database?.exited ?? new Promise<void>(() => undefined),
    stop: () => stopParts(parts, logger),
  }
}

async function startParts(
  parts: Parts,
  config: SelfhostConfig,
  files: SelfhostFiles,
  logger: Logger,
): Promise<void> {
  // Postgres runs as another account under root and has to pass through.
  await mkdir(config.dataDir, { recursive: true, mode: 0o711 })
  const secrets = await loadSecrets(config.dataDir)
  const database = await openDatabase(config, secrets)
  parts.database = database
  const pool = new pg.Pool({ connectionString: database.url })
  surviveLostClients(pool, logger)
  parts.pool = pool
  await migrate(pool, { migrationsDir: files.migrationsDir })
  if (config.syncUrl !== undefined) {
    await prepareSyncRole(pool, config.syncRole)
    parts.stopWatching = watchReplication(pool, logger)
  }

  const app = await buildApp({
    pool,
    logger,
    config: {
      publicUrl: config.publicUrl,
      authSecret: secrets.authSecret,
      syncUrl: config.syncUrl ?? `${config.publicUrl}${syncPrefix}`,
      syncAudience,
      trustProxy: config.trustProxy,
    },
  })
  parts.app = app
  await app.ready()
  const sessions = new SignedInSessions({ pool, databaseUrl: database.url, logger })
  parts.sessions = sessions
  const engine = config.syncUrl
    ? undefined
    : await startSyncEngine({
        databaseUrl: database.url,
        syncRulesYaml: await readFile(files.syncRulesFile, 'utf8'),
        jwks: new URL('/.well-known/jwks.json', ownAddress(parts.gateway)),
        audience: syncAudience,
        issuer: config.publicUrl,
        sessions,
        logger,
        ...(config.metricsToken === undefined ? {} : { metricsToken: config.metricsToken }),
        ...(config.syncConnectionsPerUser === undefined
          ? {}
          : { limits: { perUser: config.syncConnectionsPerUser } }),
      })
  if (engine) parts.engine = engine
  const site = await buildSite(files.siteDir)
  parts.site = site
  parts.gateway.open({
    api: (request, response) => app.routing(request, response),
    site: (request, response) => site.routing(request, response),
    sync: engine && ((request, response) => engine.handle(request, response)),
  })
  // Clients that come too early would wait for their next attempt.
  if (engine)
    await Promise.race([engine.whenReady(), delay(engineGraceMs, undefined, { ref: false })])
}

/** This process as it reaches itself, whatever name the world has for it. */
function ownAddress({ server }: Gateway): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const host = everywhere[address.address] ?? address.address
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

async function openDatabase(config: SelfhostConfig, secrets: Secrets): Promise<Database> {
  if (config.databaseUrl === undefined) {
    return startEmbeddedDatabase(config.dataDir, secrets.databasePassword)
  }
  return {
    url: config.databaseUrl,
    exited: new Promise<void>(() => undefined),
    stop: () => Promise.resolve(),
  }
}

/** Later steps run whatever becomes of the earlier ones: Postgres must always be stopped. */
async function stopParts(parts: Parts, logger: Logger): Promise<void> {
  const { server } = parts.gateway
  const closed = once(server, 'close')
  server.close()
  const steps = [
    () => parts.stopWatching?.(),
    () => parts.engine?.close(),
    () => parts.sessions?.close(),
    () => drain(parts.gateway, closed),
    () => parts.app?.close(),
    () => parts.site?.close(),
    () => parts.pool?.end(),
    () => parts.database?.stop(),
  ]
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      logger.error({ err: error }, 'a part did not stop cleanly')
    }
  }
}

/** Running requests get a moment; idle connections none. */
async function drain({ server }: Gateway, closed: Promise<unknown>): Promise<void> {
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearTimeout(timer)
}
