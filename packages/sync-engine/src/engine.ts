import { setMaxListeners } from 'node:events'
import pg from 'pg'
import { Hub } from './hub.ts'
import { createTokenVerifier, type JwksSource } from './http/auth.ts'
import { ConnectionLimit, type ConnectionLimits } from './http/connection-limit.ts'
import { createRouter, type RequestHandler } from './http/router.ts'
import { type SessionSource, SessionVisits } from './http/sessions.ts'
import type { Logger } from './logger.ts'
import { Metrics } from './operations/metrics.ts'
import { Pulse } from './operations/pulse.ts'
import { applicationName } from './replication/application-name.ts'
import { checkSetup } from './replication/preflight.ts'
import { Relations } from './replication/relations.ts'
import { Replicator } from './replication/replicator.ts'
import { connectWriter, prepareSource, type SourceConfig } from './replication/source.ts'
import { ReplicationTransport } from './replication/transport.ts'
import { parseSyncRules } from './rules.ts'
import { type ServingEngine, ServingState } from './serving.ts'
import { type CompactionSettings, Compactor } from './store/compactor.ts'
import { StoreReader } from './store/reader.ts'
import { InconsistentStateError } from './store/source-rows.ts'
import { condemnState } from './store/state.ts'
import { CheckpointNumbers } from './stream/checkpoint-numbers.ts'
import { ForgottenHistory } from './stream/forgotten-history.ts'
import { LineBudget } from './stream/line-size.ts'
import { emitMarker, WriteCheckpoints } from './stream/write-checkpoints.ts'

export interface SyncEngineDeps {
  /** The database to replicate; the role needs REPLICATION and CREATE on the database. */
  readonly databaseUrl: string
  /** The text of `sync_rules.yaml`. */
  readonly syncRulesYaml: string
  readonly jwks: JwksSource
  /** What `aud` of a sync token must be. */
  readonly audience: string
  /** What `iss` must be; absent: anything. */
  readonly issuer?: string
  /** Who is signed in: a token must name its session in `sid`, and streams end with it. */
  readonly sessions?: SessionSource
  /** Where the engine keeps its state; outside the publication. Default `sealbook_sync`. */
  readonly schemaName?: string
  /** Which tables are replicated. Default `powersync`. */
  readonly publication?: string
  readonly logger: Logger
  /** How many clients there may be at a time. Default: 50 a user, 2,000 in all. */
  readonly limits?: Partial<ConnectionLimits>
  /** Lets `GET /metrics` answer who sends it as `Authorization: Bearer`. Without it: 404. */
  readonly metricsToken?: string
  /** Only for tests: when buckets are compacted. */
  readonly compaction?: Partial<CompactionSettings>
  /** Only for tests: milliseconds since 1970. */
  readonly now?: () => number
}

/** A running engine. */
export interface SyncEngine {
  /** Handles a request whose path is relative to where the engine is mounted. */
  readonly handle: RequestHandler
  /** Is the store up to date with the log, so that clients are served? */
  ready(): boolean
  /** Resolves when the engine is ready for the first time. */
  whenReady(): Promise<void>
  /** Ends client streams so that they reconnect without an error, stores the position, stops. */
  close(): Promise<void>
}

const firstRetryMs = 200
const longestRetryMs = 5_000

/**
 * Starts the embedded engine and returns once the set-up is known to be right; the first snapshot
 * goes on in the background. When its source fails it starts again by itself.
 * @throws SetupError when Postgres is not set up for it; the message says what to do.
 */
export async function startSyncEngine(deps: SyncEngineDeps): Promise<SyncEngine> {
  const { logger } = deps
  const config: SourceConfig = {
    databaseUrl: deps.databaseUrl,
    schemaName: deps.schemaName ?? 'sealbook_sync',
    publication: deps.publication ?? 'powersync',
    rules: parseSyncRules(deps.syncRulesYaml),
    logger,
    compaction: deps.compaction ?? {},
    metrics: new Metrics(),
    pulse: new Pulse(),
    now: deps.now ?? Date.now,
  }
  await checkOnce(config)

  const stopped = new AbortController()
  const serving = new ServingState()
  let announceReady = () => {}
  const firstReady = new Promise<void>((resolve) => (announceReady = resolve))
  const running = supervise(config, stopped.signal, (engine) => {
    serving.set(engine)
    if (engine) announceReady()
  })
  return {
    handle: createRouter({
      verifyToken: createTokenVerifier(deps.jwks, deps.audience, deps.issuer),
      visits: deps.sessions ? new SessionVisits(deps.sessions) : null,
      serving,
      limit: new ConnectionLimit(deps.limits),
      metrics: config.metrics,
      metricsToken: deps.metricsToken,
      pulse: config.pulse,
      logger,
    }),
    ready: () => serving.current !== null,
    whenReady: () => firstReady,
    async close() {
      stopped.abort()
      serving.release()
      await running
    },
  }
}

async function checkOnce(config: SourceConfig): Promise<void> {
  const client = new pg.Client({ connectionString: config.databaseUrl })
  client.on('error', () => undefined) // the failing query rejects
  await client.connect()
  try {
    await checkSetup(client, config.publication, config.schemaName)
  } finally {
    await client.end()
  }
}

type SetServing = (engine: ServingEngine | null) => void

async function supervise(
  config: SourceConfig,
  stopped: AbortSignal,
  setServing: SetServing,
): Promise<void> {
  let retryMs = firstRetryMs
  while (!stopped.aborted) {
    try {
      await serveOnce(config, stopped, (engine) => {
        setServing(engine)
        if (engine) retryMs = firstRetryMs
      })
    } catch (error) {
      if (stopped.aborted) return
      config.logger.error({ err: error, retryMs }, 'replication failed; starting again')
      config.metrics.add('failures')
      await config.pulse.during(sleep(retryMs, stopped))
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    }
  }
}

/** One life of the engine: from connecting until it is stopped or something fails. */
async function serveOnce(
  config: SourceConfig,
  stopped: AbortSignal,
  setServing: SetServing,
): Promise<void> {
  const client = await connectWriter(config, stopped)
  if (!client) return
  const ending = new AbortController()
  setMaxListeners(0, ending.signal) // one a stream
  const transport = new ReplicationTransport(config.databaseUrl)
  const reader = new StoreReader(config.databaseUrl, config.schemaName, (error) =>
    config.logger.warn({ err: error }, 'a reading connection failed'),
  )
  const markers = new pg.Pool({
    connectionString: config.databaseUrl,
    application_name: applicationName('markers'),
    max: 1,
    options: '-c synchronous_commit=on',
  })
  markers.on('error', () => undefined) // the next request opens another connection
  const onStop = () => {
    setServing(null)
    ending.abort()
  }
  stopped.addEventListener('abort', onStop)
  try {
    const { state, tables, rules, writer, buckets } = await prepareSource(config, client, stopped)
    const hub = new Hub({ lastOpId: state.lastOpId, lsn: state.appliedLsn })
    const numbers = new CheckpointNumbers(state.checkpointFloor, config.now)
    const { publication, rules: syncRules, schemaName } = config
    const compactor = new Compactor({
      client,
      schemaName,
      buckets,
      writer,
      horizon: (bucketName) => hub.oldestStreamed(bucketName),
      settings: config.compaction,
    })
    const relations = new Relations({ client, publication, matches: syncRules.matches, tables })
    const replicator = new Replicator({
      transport,
      relations,
      writer,
      compactor,
      hub,
      numbers,
      metrics: config.metrics,
      pulse: config.pulse,
      position: state.appliedLsn,
    })
    transport.start(state.slotName, publication, state.appliedLsn)
    const serving: ServingEngine = {
      hub,
      reader,
      rules,
      slotName: state.slotName,
      writeCheckpoints: new WriteCheckpoints(markers, hub, numbers),
      lineBudget: new LineBudget(),
      numbers,
      forgotten: new ForgottenHistory({
        hub,
        numbers,
        raiseOps: (opId) => replicator.raise(opId),
        now: config.now,
      }),
      stopping: ending.signal,
    }
    // Nobody is served before the log has been replayed up to now: what clients were shown
    // before a crash must be there again.
    const head = await emitMarker(markers)
    hub.wakeAt(head, {
      bucketChanged: () => undefined,
      lookupsChanged: () => undefined,
      wake: () => {
        if (!stopped.aborted) setServing(serving)
      },
    })
    await replicator.run(stopped)
  } catch (error) {
    if (error instanceof InconsistentStateError) await condemnState(client, config.schemaName)
    throw error
  } finally {
    stopped.removeEventListener('abort', onStop)
    onStop()
    await transport.stop()
    await Promise.allSettled([reader.close(), markers.end(), client.end()])
  }
}

function sleep(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    stopped.addEventListener('abort', done)
    function done() {
      clearTimeout(timer)
      stopped.removeEventListener('abort', done)
      resolve()
    }
  })
}
