import { PowerSyncDatabase } from '@powersync/node'
import { loadCrypto } from '@sealbook/crypto'
import {
  countOwed,
  createCryptoRouter,
  findBase,
  installRouter,
  readRouterProgress,
  readRowFaults,
  keepReceipts,
  readBrakes,
  takeBackChange,
} from '@sealbook/crypto-router'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import { createConnector, createSyncApi, installProblems } from '@sealbook/sync-client'
import type { DumpedRow, Edit, Kept } from '../history.ts'
import type { CrashMoment } from '../plan.ts'
import { fastClock, skewClock } from './clock.ts'
import { KeptKeyRing } from './key-ring.ts'
import { decide, readKept, sendAgain } from './inbox.ts'
import { Person } from './person.ts'
import { readAll } from './row-text.ts'

/** What a device keeps, and how it reaches the server. */
export interface DeviceOptions {
  readonly folder: string
  readonly baseUrl: string
  /** Origin that the server believes. */
  readonly origin: string
  readonly cookie: string
  readonly userId: string
  /** Base64 of 32 bytes. */
  readonly userKey: string
  readonly workspaceId: string
  readonly wrappedDataKeys: readonly { readonly keyVersion: number; readonly wrapped: string }[]
  readonly device: number
  readonly devices: number
  readonly clockSkewMs: number
}

/** How far a device is with its work. */
export interface DeviceState {
  readonly queued: number
  readonly pendingSeal: number
  readonly pendingOpen: number
  /** Local changes that are not sealed, and why not. */
  readonly unsealed: readonly string[]
  /** Changes that the server acknowledged and has not sent back yet. */
  readonly receipts: number
  /** Rows that it lost, brought back or has two versions of, and what is asked before it is done. */
  readonly owed: number
  readonly faults: readonly string[]
  readonly errors: readonly string[]
}

/** In bytes. */
export interface DeviceSizes {
  /** The process's resident memory. */
  readonly rss: number
  /** Pages of the database in use, and those of them that hold conflicts. */
  readonly database: number
  readonly inbox: number
}

export interface Device {
  act(chance: number): Promise<void>
  editAgain(chance: number): Promise<void>
  decide(chance: number): Promise<void>
  /** Presses "Send again" for everything that the server lost. */
  sendAgain(): Promise<void>
  sentAgain(): Promise<number>
  /** Asks the server for the keys, as after signing in. */
  askKeys(): Promise<void>
  /** Keeps no receipts from here on, as a client that takes the server at its word. */
  forgetOwed(): Promise<void>
  /** The network is back, as a browser tells the app. */
  resume(): Promise<void>
  /** Ends this process at the next such moment, or so much later. */
  crash(moment: CrashMoment, afterMs: number): Promise<void>
  state(): Promise<DeviceState>
  rows(): Promise<readonly DumpedRow[]>
  edits(): Promise<readonly Edit[]>
  kept(): Promise<readonly Kept[]>
  sizes(): Promise<DeviceSizes>
  close(): Promise<void>
}

/** The connector's waits of many seconds, and its circuit's of minutes. */
const connectorSpeed = 50

/** The client as the app puts it together, without its screen. */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  skewClock(options.clockSkewMs)
  await loadCrypto()
  const keys = await KeptKeyRing.open(options)
  const db = new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    logger: { log: () => undefined },
    database: {
      dbFilename: 'device.db',
      dbLocation: options.folder,
      implementation: { type: 'better-sqlite3' },
      readWorkerCount: 1,
    },
  })
  await db.init()
  await installRouter(db)
  await installProblems(db)
  const { device, devices, workspaceId } = options
  const person = new Person({ db, device, devices, workspaceId, now: () => Date.now() })
  await person.install()

  const stopped = new AbortController()
  const errors: string[] = []
  let pendingCrash: { moment: CrashMoment; afterMs: number } | null = null
  const crashAt = (moment: CrashMoment) => {
    if (pendingCrash?.moment !== moment) return
    const timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), pendingCrash.afterMs)
    stopped.signal.addEventListener('abort', () => clearTimeout(timer))
  }
  const router = createCryptoRouter({
    db,
    keys: { get: (id) => keys.get(id) },
    authorId: options.userId,
    now: () => Date.now(),
    onError: (error) => errors.push(describe(error)),
    // Small steps, so that a kill finds work half done.
    tuning: { sealRows: 5, openRows: 5, openTransactionRows: 10, restMs: 5, retryMs: 50 },
  })
  // Tells that routing begins: the router itself speaks only of what it has done.
  db.onChange(
    { onChange: () => crashAt('route') },
    { tables: db.schema.tables.map(({ name }) => name), throttleMs: 0, signal: stopped.signal },
  )
  router.start()

  const api = createSyncApi(fetchWith(options), options.baseUrl)
  const clock = fastClock(connectorSpeed)
  const connector = createConnector({
    api: {
      ...api,
      async fetchToken() {
        const token = await api.fetchToken()
        // This device knows the server under the name of its own network.
        return token && { ...token, powersync_url: `${options.baseUrl}/powersync` }
      },
    },
    changes: { takeBack: takeBackChange, acknowledge: keepReceipts, findBase },
    now: clock.now,
    sleep: clock.sleep,
    random: Math.random,
    onUploadState: (state) => {
      if (state === 'uploading') crashAt('upload')
    },
    signal: stopped.signal,
  })
  const connect = () => db.connect(connector, { retryDelayMs: 50, crudUploadThrottleMs: 5 })
  void connect()

  return {
    act: (chance) => person.act(chance),
    editAgain: (chance) => person.editAgain(chance),
    decide: (chance) => decide(db, router, person, chance),
    sendAgain: () => sendAgain(db, router, person),
    async sentAgain() {
      const { n } = await db.get<{ n: number }>('SELECT count(*) AS n FROM harness_sent_again')
      return n
    },
    async askKeys() {
      const response = await fetchWith(options)(`${options.baseUrl}/api/keys`).catch(() => null)
      if (response?.ok === true) await keys.learn(await response.json())
    },
    async forgetOwed() {
      await db.execute(
        `CREATE TRIGGER harness_forget_owed AFTER INSERT ON router_owed
          BEGIN DELETE FROM router_owed; END`,
      )
    },
    async resume() {
      connector.resume()
      if (!db.currentStatus.connected) await connect()
    },
    crash(moment, afterMs) {
      pendingCrash = { moment, afterMs }
      if (moment === 'now') crashAt('now')
      return Promise.resolve()
    },
    async state() {
      const queue = await db.get<{ n: number }>('SELECT count(*) AS n FROM ps_crud')
      const { pendingSeal, pendingOpen } = await readRouterProgress(db)
      const { lost, returned, forked } = await countOwed(db)
      const receipts = await db.get<{ n: number }>(
        `SELECT count(*) AS n FROM router_owed WHERE state = 'receipt'`,
      )
      const faults = (await readRowFaults(db)).map(
        ({ table, id, state, reason }) => `${table}/${id} ${state} ${reason}`,
      )
      const unsealed = await db.getAll<{ note: string }>(
        `SELECT tbl || '/' || id || ' ' || coalesce(wait, iif(held IS NULL, 'next', 'held')) AS note
          FROM router_out`,
      )
      return {
        queued: queue.n,
        pendingSeal,
        pendingOpen,
        unsealed: unsealed.map(({ note }) => note),
        receipts: receipts.n,
        owed: lost + returned + forked + (await readBrakes(db)).length,
        faults,
        errors,
      }
    },
    rows: () => readAll(db),
    edits: () => person.edits(),
    kept: () => readKept(db, device),
    async sizes() {
      const pages = await db.get<{ bytes: number }>(
        `SELECT (page_count - freelist_count) * page_size AS bytes
          FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
      )
      const inbox = await db.get<{ bytes: number }>(
        "SELECT total(pgsize) AS bytes FROM dbstat WHERE name LIKE 'router_conflicts%'",
      )
      return { rss: process.memoryUsage().rss, database: pages.bytes, inbox: inbox.bytes }
    },
    async close() {
      pendingCrash = null
      stopped.abort()
      await router.stop()
      await db.close()
    },
  }
}

/** What a browser adds by itself. */
function fetchWith({ cookie, origin }: DeviceOptions) {
  return (input: string, init: RequestInit = {}) => {
    const headers = { ...(init.headers as Record<string, string>), cookie, origin }
    return fetch(input, { ...init, headers })
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
