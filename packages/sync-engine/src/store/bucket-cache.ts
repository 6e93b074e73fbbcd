import type pg from 'pg'
import { addChecksums } from '../checksum.ts'
import { quoteName } from './schema.ts'

/** A bucket's totals. */
export interface Bucket {
  readonly id: number
  readonly name: string
  opCount: number
  checksum: number
  lastOpId: bigint
}

/** The writer's copy of a bucket; runs ahead of what is committed. */
export interface WriterBucket extends Bucket {
  /** How many of the operations stand for no row any more. */
  deadOps: number
  /** How many of those were left by the last compaction. */
  compactedDeadOps: number
}

interface BucketRow {
  id: number
  name: string
  op_count: string
  checksum: string
  last_op_id: string
  dead_ops: string
  compacted_dead_ops: string
}

/** Bounds memory: a cleared bucket is read again when it next changes. */
const maxCached = 20_000

/** The writer's buckets by name and by id: read, created, changed, written back at commit. */
export class BucketCache {
  readonly #client: pg.ClientBase
  readonly #table: string
  readonly #byName = new Map<string, WriterBucket>()
  readonly #byId = new Map<number, WriterBucket>()
  readonly #changed = new Set<WriterBucket>()
  #nextId = 0

  constructor(client: pg.ClientBase, schemaName: string) {
    this.#client = client
    this.#table = `${quoteName(schemaName)}.buckets`
  }

  /** Makes sure that `named` and `withId` answer for these buckets, creating the missing names. */
  async load(names: ReadonlySet<string>, ids: ReadonlySet<number>): Promise<void> {
    const missingNames = [...names].filter((name) => !this.#byName.has(name))
    const missingIds = [...ids].filter((id) => !this.#byId.has(id))
    if (missingNames.length === 0 && missingIds.length === 0) return
    const { rows } = await this.#client.query<BucketRow>(
      `SELECT * FROM ${this.#table} WHERE name = ANY ($1) OR id = ANY ($2)`,
      [missingNames, missingIds],
    )
    for (const row of rows) {
      this.#remember({
        id: row.id,
        name: row.name,
        opCount: Number(row.op_count),
        checksum: Number(row.checksum),
        lastOpId: BigInt(row.last_op_id),
        deadOps: Number(row.dead_ops),
        compactedDeadOps: Number(row.compacted_dead_ops),
      })
    }
    for (const name of missingNames) {
      if (!this.#byName.has(name)) this.#remember(await this.#create(name))
    }
  }

  named(name: string): WriterBucket {
    return present(this.#byName.get(name))
  }

  withId(id: number): WriterBucket {
    return present(this.#byId.get(id))
  }

  addOp(bucket: WriterBucket, opId: bigint, checksum: number): void {
    bucket.opCount += 1
    bucket.checksum = addChecksums(bucket.checksum, checksum)
    bucket.lastOpId = opId
    this.#changed.add(bucket)
  }

  /** Notes that operations of the bucket stand for no row any more. */
  addDead(bucket: WriterBucket, count: number): void {
    bucket.deadOps += count
    this.#changed.add(bucket)
  }

  /** Notes what compaction made of the bucket; its checksum and last operation stay. */
  compacted(bucket: WriterBucket, removedOps: number, isFinished: boolean): void {
    bucket.opCount -= removedOps
    bucket.deadOps -= removedOps
    if (isFinished) bucket.compactedDeadOps = bucket.deadOps
    this.#changed.add(bucket)
  }

  /** Writes the changed totals and returns copies of them. */
  async flush(): Promise<WriterBucket[]> {
    const changed = [...this.#changed].map((bucket) => ({ ...bucket }))
    this.#changed.clear()
    if (changed.length > 0) {
      await this.#client.query({
        name: 'write-buckets',
        text: `INSERT INTO ${this.#table}
               SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
                                    $6::bigint[], $7::bigint[])
               ON CONFLICT (id) DO UPDATE SET op_count = excluded.op_count,
                 checksum = excluded.checksum, last_op_id = excluded.last_op_id,
                 dead_ops = excluded.dead_ops, compacted_dead_ops = excluded.compacted_dead_ops`,
        values: [
          changed.map((bucket) => bucket.id),
          changed.map((bucket) => bucket.name),
          changed.map((bucket) => bucket.opCount),
          changed.map((bucket) => bucket.checksum),
          changed.map((bucket) => bucket.lastOpId),
          changed.map((bucket) => bucket.deadOps),
          changed.map((bucket) => bucket.compactedDeadOps),
        ],
      })
    }
    if (this.#byName.size > maxCached) {
      this.#byName.clear()
      this.#byId.clear()
    }
    return changed
  }

  async #create(name: string): Promise<WriterBucket> {
    if (this.#nextId === 0) {
      const { rows } = await this.#client.query<{ next: number }>(
        `SELECT coalesce(max(id), 0) + 1 AS next FROM ${this.#table}`,
      )
      this.#nextId = rows[0]?.next ?? 1
    }
    const bucket = {
      id: this.#nextId++,
      name,
      opCount: 0,
      checksum: 0,
      lastOpId: 0n,
      deadOps: 0,
      compactedDeadOps: 0,
    }
    this.#changed.add(bucket)
    return bucket
  }

  #remember(bucket: WriterBucket): void {
    this.#byName.set(bucket.name, bucket)
    this.#byId.set(bucket.id, bucket)
  }
}

function present(bucket: WriterBucket | undefined): WriterBucket {
  if (!bucket) throw new Error('Bucket used before it was loaded')
  return bucket
}
