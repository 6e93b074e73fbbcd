import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type AbstractPowerSyncDatabase, PowerSyncDatabase, type Schema } from '@powersync/node'

/** Where a client syncs, and as whom. */
export interface SyncClientOptions {
  readonly schema: Schema
  /** Address of the engine or of what stands before it. */
  readonly url: string
  readonly userId: string
  readonly token: (userId: string, lifetimeSeconds?: number) => Promise<string>
  /** Lifetimes of the tokens it fetches, one after the other; the last one stays. */
  readonly lifetimesSeconds?: readonly number[]
  /** Applies the oldest local transaction where the engine replicates from, and completes it. */
  readonly upload?: (db: AbstractPowerSyncDatabase) => Promise<void>
  /** Called before it first connects. */
  readonly onOpened?: (clientId: string) => void
  /** Called after each checkpoint that was applied; the next line is not looked at before it ends. */
  readonly onCheckpoint?: (db: AbstractPowerSyncDatabase) => Promise<void>
}

/** A real PowerSync client with a database in a temporary folder. */
export interface SyncClient {
  readonly db: AbstractPowerSyncDatabase
  readonly userId: string
  /** As the engine knows it. */
  readonly clientId: string
  readonly tokensFetched: number
  /** Checkpoints applied so far. */
  readonly checkpoints: number
  connect(): Promise<void>
  /**
   * Resolves when `condition` holds; asks after every change of the client's database.
   * @throws when it does not hold within a minute, with what `describe` says then.
   */
  until(condition: () => Promise<boolean>, describe?: () => Promise<string>): Promise<void>
  close(): Promise<void>
}

const patienceMs = 60_000

export async function openSyncClient(options: SyncClientOptions): Promise<SyncClient> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sync-contract-client-'))
  const db = new PowerSyncDatabase({
    schema: options.schema,
    logger: { log: () => undefined },
    // Clients with the same file name in one process would sync one at a time.
    database: { dbFilename: `${randomUUID()}.db`, dbLocation: directory },
  })
  await db.init()
  const clientId = await db.getClientId()
  options.onOpened?.(clientId)
  let tokensFetched = 0
  let checkpoints = 0
  afterEachCheckpoint(db, async () => {
    checkpoints += 1
    await options.onCheckpoint?.(db)
  })
  const connector = {
    async fetchCredentials() {
      const lifetimes = options.lifetimesSeconds ?? [300]
      const lifetime = lifetimes[Math.min(tokensFetched, lifetimes.length - 1)]
      tokensFetched += 1
      return { endpoint: options.url, token: await options.token(options.userId, lifetime) }
    },
    uploadData: options.upload ?? (() => Promise.resolve()),
  }
  return {
    db,
    userId: options.userId,
    clientId,
    get tokensFetched() {
      return tokensFetched
    },
    get checkpoints() {
      return checkpoints
    },
    connect: () => db.connect(connector, { retryDelayMs: 100, crudUploadThrottleMs: 5 }),
    until: (condition, describe) => until(db, condition, describe),
    async close() {
      await db.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function until(
  db: AbstractPowerSyncDatabase,
  condition: () => Promise<boolean>,
  describe: () => Promise<string> = () => Promise.resolve(''),
): Promise<void> {
  const stopped = new AbortController()
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), patienceMs)
  try {
    await new Promise<void>((resolve, reject) => {
      let isChecking = false
      let isStale = true
      const check = async () => {
        isStale = true
        if (isChecking) return
        isChecking = true
        while (isStale && !stopped.signal.aborted) {
          isStale = false
          if (await condition()) return resolve()
        }
        isChecking = false
      }
      const onChange = () => void check().catch(reject)
      const tables = db.schema.tables.map(({ name }) => name)
      db.onChange({ onChange }, { tables, throttleMs: 1, signal: stopped.signal })
      stopped.signal.addEventListener('abort', db.registerListener({ statusChanged: onChange }))
      deadline.signal.addEventListener('abort', () => {
        void describe().then((text) => reject(new Error(`Not within a minute. ${text}`)), reject)
      })
      onChange()
    })
  } finally {
    clearTimeout(timer)
    stopped.abort()
  }
}

/**
 * The SDK says that rows changed, but not after which checkpoint. Its storage adapter does: the core
 * answers `DidCompleteSync` to the line with which it applied one.
 */
function afterEachCheckpoint(db: PowerSyncDatabase, work: () => Promise<void>): void {
  const { bucketStorageAdapter: adapter } = db as unknown as {
    bucketStorageAdapter: { control(op: string, payload: unknown): Promise<string> }
  }
  const control = adapter.control.bind(adapter)
  adapter.control = async (op, payload) => {
    const instructions = await control(op, payload)
    if (instructions.includes('"DidCompleteSync"')) await work()
    return instructions
  }
}
