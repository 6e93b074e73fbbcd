import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ModelClient } from '../fixture/model-client.ts'
import { Hub } from '../hub.ts'
import { parseSyncRules } from '../rules.ts'
import { type Bucket, BucketCache } from './bucket-cache.ts'
import { Compactor, type CompactionSettings } from './compactor.ts'
import { keyedAccessSettings } from './reader.ts'
import { startStore } from './state.ts'
import { type SourceTable, StoreWriter } from './writer.ts'

vi.setConfig({ testTimeout: 180_000 })

const schemaName = 'sealbook_sync'
const text = (name: string) => ({ name, type: 'text' as const, isVariableLength: true })
const table: SourceTable = {
  id: 1,
  relationId: 1,
  membership: '',
  schema: 'public',
  name: 'notes',
  keyColumns: ['id'],
  columns: [text('id'), text('workspace_id'), text('title')],
}
const rulesYaml = `
bucket_definitions:
  by_workspace:
    parameters: SELECT request.user_id() AS workspace_id
    data:
      - SELECT * FROM notes WHERE workspace_id = bucket.workspace_id
`
const workspaces = ['a', 'b'] as const

/** Compacts whatever can be, in the smallest slices. */
const eager: CompactionSettings = {
  minDeadOps: 1,
  deadOpsPerRow: 0,
  minStuckOps: 4,
  stuckOpsPerRow: 2,
  sweepIntervalMs: 3_600_000,
  sliceOps: 3,
}

let database: TestDatabase
let connection: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  connection = new pg.Client({ connectionString: database.url, options: keyedAccessSettings })
  await connection.connect()
})

afterAll(async () => {
  await connection.end()
  await database.drop()
})

/** A store with its writer and compactor, as the replicator drives them. */
class Store {
  readonly hub = new Hub({ lastOpId: 0n, lsn: 0n })
  readonly buckets = new BucketCache(connection, schemaName)
  readonly writer = new StoreWriter({
    client: connection,
    schemaName,
    rules: parseSyncRules(rulesYaml).hydrate(1),
    buckets: this.buckets,
    lastOpId: 0n,
    now: () => 0,
    onRuleError: (message) => {
      throw new Error(message)
    },
  })
  readonly compactor: Compactor
  readonly published = new Map<string, Bucket>()
  readonly rows = new Map<string, { workspace: string; title: string }>()
  /** The rows of a bucket at each operation up to which it was ever published. */
  readonly #past = new Map<string, Map<bigint, Map<string, string>>>()
  #versions = 0

  constructor(settings: CompactionSettings = eager) {
    this.compactor = new Compactor({
      client: connection,
      schemaName,
      buckets: this.buckets,
      writer: this.writer,
      horizon: (name) => this.hub.oldestStreamed(name),
      settings,
    })
  }

  static async create(settings?: CompactionSettings): Promise<Store> {
    const state = {
      generation: 1,
      rulesHash: '',
      slotName: '',
      cluster: '',
      snapshotDone: true,
      lastOpId: 0n,
      appliedLsn: 0n,
      checkpointFloor: 0n,
    }
    await startStore(connection, schemaName, state, [table])
    return new Store(settings)
  }

  async change(id: string, workspace: string | null): Promise<void> {
    const title = `version ${this.#versions++}`
    const after = workspace === null ? null : { id, workspace_id: workspace, title }
    if (workspace === null) this.rows.delete(id)
    else this.rows.set(id, { workspace, title })
    await this.writer.apply([{ table, key: id, after: after && new Map(Object.entries(after)) }])
  }

  async commit(): Promise<void> {
    const commit = await this.writer.commit(0n)
    for (const bucket of commit.buckets) {
      this.published.set(bucket.name, bucket)
      const past = this.#past.get(bucket.name) ?? new Map<bigint, Map<string, string>>()
      past.set(bucket.lastOpId, this.#rowsOf(bucket.name))
      this.#past.set(bucket.name, past)
    }
    this.hub.publish(commit)
    this.compactor.notice(commit.buckets)
  }

  async compact(): Promise<boolean> {
    if (this.writer.isOpen) return false
    const step = await this.compactor.step()
    if (step?.repeatedOps) await this.commit()
    return step !== null
  }

  async compactAll(): Promise<void> {
    this.compactor.sweepNow()
    while (await this.compact()) {
      // until nothing is left to do
    }
  }

  rowsAt(bucket: Bucket): Map<string, string> | undefined {
    return this.#past.get(bucket.name)?.get(bucket.lastOpId)
  }

  #rowsOf(bucketName: string): Map<string, string> {
    const rows = [...this.rows].filter(([, row]) => bucketName === nameOf(row.workspace))
    return new Map(rows.map(([id, row]) => [id, row.title]))
  }
}

const nameOf = (workspace: string) => `1#by_workspace["${workspace}"]`

/** A client that downloads one bucket in small reads, at its own pace. */
class Reader {
  readonly client = new ModelClient()
  readonly #store: Store
  readonly #bucketName: string
  #download: { readonly upTo: Bucket; readonly end: () => void } | null = null

  constructor(store: Store, workspace: string) {
    this.#store = store
    this.#bucketName = nameOf(workspace)
  }

  begin(): void {
    const upTo = this.#store.published.get(this.#bucketName)
    if (this.#download || !upTo) return
    this.#download = { upTo, end: this.#store.hub.beginStreaming([upTo]) }
  }

  /** Reads once; at the end of the download compares with what was announced. */
  async read(limit: number): Promise<void> {
    if (!this.#download) return
    const { upTo } = this.#download
    if (this.client.position < upTo.lastOpId) {
      const { rows } = await connection.query<Parameters<ModelClient['apply']>[0][number]>(
        `SELECT * FROM ${schemaName}.bucket_ops
          WHERE bucket_id = $1 AND op_id > $2 AND op_id <= $3 ORDER BY op_id LIMIT $4`,
        [upTo.id, this.client.position, upTo.lastOpId, limit],
      )
      this.client.apply(rows)
    }
    if (this.client.position < upTo.lastOpId) return
    expect(this.client.checksum).toBe(upTo.checksum)
    expect(this.titles()).toEqual(this.#store.rowsAt(upTo))
    this.disconnect()
  }

  /** The connection breaks; what was downloaded stays. */
  disconnect(): void {
    this.#download?.end()
    this.#download = null
  }

  async finish(): Promise<void> {
    this.disconnect()
    this.begin()
    while (this.#download) await this.read(5)
  }

  titles(): Map<string, string> {
    const rows = this.client.rows().map(({ id, data }) => {
      return [id, (JSON.parse(data) as { title: string }).title] as const
    })
    return new Map(rows)
  }
}

async function expectTotalsOfTable(): Promise<void> {
  const { rows } = await connection.query<{ kept: string; real: string }>(
    `SELECT concat_ws(' ', b.name, b.op_count, b.checksum, b.dead_ops) AS kept,
            concat_ws(' ', b.name, count(o.*), sum(o.checksum) % 4294967296,
                      count(o.*) FILTER (WHERE o.op <> 'PUT')) AS real
       FROM ${schemaName}.buckets b JOIN ${schemaName}.bucket_ops o ON o.bucket_id = b.id
      GROUP BY b.id`,
  )
  expect(rows.map(({ kept }) => kept)).toEqual(rows.map(({ real }) => real))
}

type Command =
  | { readonly kind: 'change'; readonly id: string; readonly workspace: string | null }
  | { readonly kind: 'commit' | 'compact' | 'sweep' }
  | { readonly kind: 'begin' | 'disconnect'; readonly reader: number }
  | { readonly kind: 'read'; readonly reader: number; readonly limit: number }

const readers = 4
const reader = fc.nat(readers - 1)
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
      workspace: fc.constantFrom(...workspaces, 'a', null),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('compact' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('sweep' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const), reader }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnect' as const), reader }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      reader,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
)

async function run(store: Store, clients: readonly Reader[], command: Command): Promise<void> {
  switch (command.kind) {
    case 'change':
      return store.change(command.id, command.workspace)
    case 'commit':
      return store.writer.isOpen ? store.commit() : undefined
    case 'compact':
      return void (await store.compact())
    case 'sweep':
      return store.compactor.sweepNow()
    case 'begin':
      return clients[command.reader]?.begin()
    case 'disconnect':
      return clients[command.reader]?.disconnect()
    case 'read':
      return clients[command.reader]?.read(command.limit)
  }
}

describe('compaction', () => {
  it('never changes what clients make of any history, wherever they are in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 40, maxLength: 250 }), async (commands) => {
        const store = await Store.create()
        const clients = Array.from(
          { length: readers },
          (_, index) => new Reader(store, workspaces[index % 2] ?? 'a'),
        )
        for (const each of commands) await run(store, clients, each)
        if (store.writer.isOpen) await store.commit()
        for (const client of clients) client.disconnect()
        await store.compactAll()
        await expectTotalsOfTable()
        const fresh = workspaces.map((workspace) => new Reader(store, workspace))
        for (const client of [...clients, ...fresh]) await client.finish()
        for (const [index, workspace] of workspaces.entries()) {
          const rows = [...store.rows].filter(([, row]) => row.workspace === workspace)
          const titles = new Map(rows.map(([id, row]) => [id, row.title]))
          expect(fresh[index]?.titles()).toEqual(titles)
          expect(clients[index]?.titles()).toEqual(titles)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('waits for a client that is in the middle of a download', async () => {
    const store = await Store.create()
    for (const id of ['1', '2', '3']) await store.change(id, 'a')
    await store.commit()
    const slow = new Reader(store, 'a')
    slow.begin()
    await slow.read(1)
    for (const id of ['1', '2', '3']) await store.change(id, 'a')
    await store.commit()
    await store.compactAll()
    const ops = `SELECT array_agg(op ORDER BY op_id) AS ops FROM ${schemaName}.bucket_ops`
    expect((await connection.query(ops)).rows).toEqual([{ ops: Array(6).fill('PUT') }])
    await slow.read(10)
    await store.compactAll()
    expect((await connection.query(ops)).rows).toEqual([{ ops: ['CLEAR', 'PUT', 'PUT', 'PUT'] }])
    await slow.finish()
  })

  it('keeps a bucket small however often some of its rows are edited', async () => {
    const settings = {
      ...eager,
      minDeadOps: 50,
      minStuckOps: 200,
      stuckOpsPerRow: 2,
      sliceOps: 100,
    }
    const store = await Store.create(settings)
    const rows = 100
    for (let id = 0; id < rows; id++) await store.change(`cold ${id}`, 'a')
    await store.commit()
    const known = new Reader(store, 'a')
    await known.finish()
    let largest = 0
    for (let edit = 0; edit < 2_000; edit++) {
      await store.change(`hot ${edit % 3}`, 'a')
      if (edit % 10 !== 0) continue
      await store.commit()
      while (await store.compact()) {
        // as the replicator does when nothing else is to be done
      }
      largest = Math.max(largest, store.published.get(nameOf('a'))?.opCount ?? 0)
    }
    await store.commit()
    await store.compactAll()
    expect(largest).toBeLessThan(rows * (1 + settings.stuckOpsPerRow) + 3 * rows)
    await expectTotalsOfTable()
    const fresh = new Reader(store, 'a')
    await fresh.finish()
    await known.finish()
    expect(known.titles()).toEqual(fresh.titles())
    expect(fresh.titles().size).toBe(rows + 3)
  })
})
