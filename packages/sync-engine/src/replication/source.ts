import pg from 'pg'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../operations/metrics.ts'
import type { Pulse } from '../operations/pulse.ts'
import type { RulesOfGeneration, SyncRules } from '../rules.ts'
import { keyedAccessSettings } from '../store/reader.ts'
import {
  type EngineState,
  readState,
  readStoredTables,
  startStore,
  type StoredTable,
} from '../store/state.ts'
import type { CompactionSettings } from '../store/compactor.ts'
import { BucketCache } from '../store/bucket-cache.ts'
import { StoreWriter } from '../store/writer.ts'
import { type PublishedTable, readPublishedTables, resolveColumns } from './catalog.ts'
import { applicationName } from './application-name.ts'
import { checkSetup } from './preflight.ts'
import { findObstacle, readCluster } from './resume.ts'
import { copyTables, createSlot } from './snapshot.ts'

export interface SourceConfig {
  readonly databaseUrl: string
  readonly schemaName: string
  readonly publication: string
  readonly rules: SyncRules
  readonly logger: Logger
  readonly compaction: Partial<CompactionSettings>
  readonly metrics: Metrics
  readonly pulse: Pulse
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A store that agrees with the log up to `state.appliedLsn`, and who writes it. */
export interface PreparedSource {
  readonly state: EngineState
  readonly tables: readonly StoredTable[]
  readonly rules: RulesOfGeneration
  readonly writer: StoreWriter
  readonly buckets: BucketCache
}

/** Connects as the one writer of the store; another engine on the same store waits here. */
export async function connectWriter(
  config: SourceConfig,
  stopped: AbortSignal,
): Promise<pg.Client | null> {
  const client = new pg.Client({
    connectionString: config.databaseUrl,
    application_name: applicationName('writer'),
    options: `-c synchronous_commit=off ${keyedAccessSettings}`,
    keepAlive: true,
  })
  client.on('error', () => undefined) // the failing query rejects
  await client.connect()
  while (!stopped.aborted) {
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock(hashtext($1)) AS locked',
      [`sync-engine/${config.schemaName}`],
    )
    if (rows[0]?.locked) return client
    config.logger.warn({}, 'another engine writes this store; waiting for it to end')
    await config.pulse.during(new Promise((resolve) => setTimeout(resolve, lockRetryMs)))
  }
  await client.end()
  return null
}

const lockRetryMs = 500

/** Continues what is stored, or takes a new snapshot under a new generation. */
export async function prepareSource(
  config: SourceConfig,
  client: pg.Client,
  stopped: AbortSignal,
): Promise<PreparedSource> {
  const { schemaName, rules, logger } = config
  await checkSetup(client, config.publication, schemaName)
  const published = await readPublishedTables(client, config.publication)
  const tables = published.filter((table) => rules.matches(table))
  const cluster = await readCluster(client)
  const state = await readState(client, schemaName)
  const storedTables = state ? await readStoredTables(client, schemaName) : []
  const obstacle = await findObstacle(client, state, {
    rulesHash: rules.hash,
    cluster,
    tables,
    storedTables,
  })
  if (state && !obstacle) {
    const rulesOfGeneration = rules.hydrate(state.generation)
    const store = createWriter(config, client, rulesOfGeneration, state.lastOpId)
    return { state, tables: storedTables, rules: rulesOfGeneration, ...store }
  }
  logger.info({ reason: obstacle }, 'taking a new snapshot')
  return takeSnapshot(config, client, tables, { cluster, previous: state, stopped })
}

async function takeSnapshot(
  config: SourceConfig,
  client: pg.Client,
  published: readonly PublishedTable[],
  options: { cluster: string; previous: EngineState | null; stopped: AbortSignal },
): Promise<PreparedSource> {
  const { cluster, previous, stopped } = options
  const startedAt = config.now()
  const slotName = await ownSlotName(client, config.schemaName)
  await dropSlot(client, slotName)
  // Postgres first waits for every transaction that is open now.
  const slot = await config.pulse.during(createSlot(config.databaseUrl, slotName))
  try {
    const state: EngineState = {
      // From the clock, so that a database restored to before the last one repeats no name.
      generation: Math.max(startedAt, (previous?.generation ?? 0) + 1),
      rulesHash: config.rules.hash,
      slotName,
      cluster,
      snapshotDone: false,
      lastOpId: firstOpId(startedAt, previous),
      appliedLsn: slot.startLsn,
      checkpointFloor: previous?.checkpointFloor ?? 0n,
    }
    const stored = published.map((table, index) => ({ ...table, id: index + 1 }))
    await startStore(client, config.schemaName, state, stored)
    const rules = config.rules.hydrate(state.generation)
    const { writer, buckets } = createWriter(config, client, rules, state.lastOpId)
    const sources = []
    for (const table of stored) {
      const columns = await resolveColumns(client, table.columns)
      sources.push({ table: { ...table, columns }, published: table })
    }
    const { rows } = await copyTables(config, slot, sources, writer, stopped)
    await writer.makeDurable(slot.startLsn, { snapshotDone: true })
    config.metrics.add('snapshots')
    config.logger.info({ rows, ms: config.now() - startedAt }, 'snapshot taken')
    return { state: { ...state, snapshotDone: true }, tables: stored, rules, writer, buckets }
  } finally {
    await slot.release()
  }
}

/** Ids follow the clock from the first on, in microseconds, and never go back when it does. */
function firstOpId(startedAt: number, previous: EngineState | null): bigint {
  const clock = BigInt(startedAt) * 1000n
  return previous && previous.lastOpId > clock ? previous.lastOpId : clock
}

function createWriter(
  { schemaName, logger, now }: SourceConfig,
  client: pg.Client,
  rules: RulesOfGeneration,
  lastOpId: bigint,
): { writer: StoreWriter; buckets: BucketCache } {
  const buckets = new BucketCache(client, schemaName)
  const writer = new StoreWriter({
    client,
    schemaName,
    rules,
    buckets,
    lastOpId,
    now,
    onRuleError: (message) => logger.warn({ rule: message }, 'sync rules could not read a row'),
  })
  return { writer, buckets }
}

/** Slots are named in the whole cluster, stores in a database. */
async function ownSlotName(client: pg.ClientBase, schemaName: string): Promise<string> {
  const { rows } = await client.query<{ oid: string }>(
    'SELECT oid::text AS oid FROM pg_database WHERE datname = current_database()',
  )
  return `${schemaName}_${rows[0]?.oid ?? ''}`
}

async function dropSlot(client: pg.ClientBase, slotName: string): Promise<void> {
  await client.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1`,
    [slotName],
  )
}
