import { JSONBig } from '@powersync/service-jsonbig'
import type { SqliteJsonRow } from '@powersync/service-sync-rules'
import pg from 'pg'
import { applicationName } from '../replication/application-name.ts'
import type { Bucket } from './bucket-cache.ts'
import { quoteName } from './schema.ts'
import { SharedReads } from './shared-reads.ts'

/** One bucket operation as clients get it. */
export interface BucketOp {
  readonly op_id: string
  readonly op: string
  /** Only MOVE and CLEAR name no row. */
  readonly object_type?: string
  readonly object_id?: string
  readonly subkey?: string
  readonly checksum: number
  readonly data: string | null
}

/** In bytes, but for the log position `head`. */
export interface SourceSizes {
  readonly head: string
  readonly retained: string | null
  readonly ops: string
}

/** The store at one moment. */
export interface StoreView {
  lastOpId(): Promise<bigint>
  /** The buckets that exist; one without operations does not. */
  buckets(names: readonly string[]): Promise<Map<string, Bucket>>
  parameterRows(lookups: readonly string[]): Promise<Map<string, SqliteJsonRow[]>>
}

/** One read ends with the operation that makes it larger than this. */
const batchBytes = 512 * 1024
const maxBatchOps = 1_000
const readerConnections = 4

/** Reads for client streams. Holds only what is being sent. */
export class StoreReader {
  readonly #pool: pg.Pool
  readonly #schema: string
  readonly #shared = new SharedReads<BucketOp[]>(sizeOf)
  #bytesPerOp = 500

  constructor(databaseUrl: string, schemaName: string, onError: (error: Error) => void) {
    this.#schema = quoteName(schemaName)
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: applicationName('reader'),
      max: readerConnections,
      options: keyedAccessSettings,
    })
    this.#pool.on('error', onError)
    // The pool listens to idle clients alone, and one between two queries of a view is not idle.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  /** Runs `read` on one unchanging view of the store. */
  async view<T>(read: (view: StoreView) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      const result = await read(this.#viewOn(client))
      await client.query('COMMIT')
      client.release()
      return result
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  /**
   * The bucket's next operations after `after` and up to `upTo`, in order; not all of them when
   * they are many. Clients at the same position share the read.
   */
  readOps(bucketId: number, after: bigint, upTo: bigint): Promise<BucketOp[]> {
    return this.#shared.get(`${bucketId}/${after}/${upTo}`, () =>
      this.#readOps(bucketId, after, upTo),
    )
  }

  /** How far the log is, how much of it the slot keeps, and how large the operations are. */
  async sourceSizes(slotName: string): Promise<SourceSizes> {
    const { rows } = await this.#pool.query<SourceSizes>(
      `SELECT pg_current_wal_flush_lsn()::text AS head,
              (SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), restart_lsn)::text
                 FROM pg_replication_slots WHERE slot_name = $1) AS retained,
              pg_total_relation_size($2::regclass)::text AS ops`,
      [slotName, `${this.#schema}.bucket_ops`],
    )
    return rows[0] ?? { head: '0/0', retained: null, ops: '0' }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #readOps(bucketId: number, after: bigint, upTo: bigint): Promise<BucketOp[]> {
    // A guess, so that Postgres does not look at many rows too many; the sum is what counts.
    const limit = Math.ceil((2 * batchBytes) / this.#bytesPerOp)
    const { rows } = await this.#pool.query<OpRow>({
      name: 'read-ops',
      text: `SELECT op_id, op, object_type, object_id, subkey, checksum, data
               FROM (SELECT *, sum(coalesce(octet_length(data), 0))
                                 OVER (ORDER BY op_id ROWS UNBOUNDED PRECEDING)
                               - coalesce(octet_length(data), 0) AS bytes_before
                       FROM (SELECT * FROM ${this.#schema}.bucket_ops
                              WHERE bucket_id = $1 AND op_id > $2 AND op_id <= $3
                              ORDER BY op_id LIMIT $4) AS next) AS summed
              WHERE bytes_before < $5 ORDER BY op_id`,
      values: [bucketId, after, upTo, Math.min(maxBatchOps, limit), batchBytes],
      rowMode: 'array',
    })
    const ops = rows.map(toOp)
    if (ops.length > 0) this.#bytesPerOp = Math.max(100, sizeOf(ops) / ops.length)
    return ops
  }

  #viewOn(client: pg.PoolClient): StoreView {
    const schema = this.#schema
    return {
      async lastOpId() {
        const { rows } = await client.query<{ last_op_id: string }>({
          name: 'read-last-op',
          text: `SELECT last_op_id FROM ${schema}.engine_state`,
        })
        return BigInt(rows[0]?.last_op_id ?? 0)
      },
      async buckets(names) {
        const { rows } = await client.query<BucketRow>({
          name: 'read-buckets',
          text: `SELECT id, name, op_count, checksum, last_op_id FROM ${schema}.buckets
                  WHERE name = ANY ($1)`,
          values: [names],
        })
        return new Map(rows.map((row) => [row.name, toBucket(row)]))
      },
      async parameterRows(lookups) {
        const { rows } = await client.query<{ lookup: string; parameters: string }>({
          name: 'read-lookups',
          text: `SELECT lookup, parameters FROM ${schema}.parameter_lookups
                  WHERE lookup = ANY ($1) ORDER BY lookup, table_id, row_key, position`,
          values: [lookups],
        })
        const found = new Map<string, SqliteJsonRow[]>()
        for (const { lookup, parameters } of rows) {
          const parsed = JSONBig.parse(parameters) as SqliteJsonRow[]
          found.set(lookup, [...(found.get(lookup) ?? []), ...parsed])
        }
        return found
      },
    }
  }
}

/**
 * The engine's tables are always read by key. A plan chosen while a table was still empty would
 * scan it for ever after.
 */
export const keyedAccessSettings =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off'

type OpRow = [string, string, string | null, string, string, string, string | null]

function toOp([op_id, op, object_type, object_id, subkey, checksum, data]: OpRow): BucketOp {
  if (object_type === null) return { op_id, op, checksum: Number(checksum), data }
  return { op_id, op, object_type, object_id, subkey, checksum: Number(checksum), data }
}

function sizeOf(ops: readonly BucketOp[]): number {
  return ops.reduce((sum, op) => sum + (op.data?.length ?? 0), 0)
}

interface BucketRow {
  id: number
  name: string
  op_count: string
  checksum: string
  last_op_id: string
}

function toBucket(row: BucketRow): Bucket {
  return {
    id: row.id,
    name: row.name,
    opCount: Number(row.op_count),
    checksum: Number(row.checksum),
    lastOpId: BigInt(row.last_op_id),
  }
}
