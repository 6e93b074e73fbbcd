import type pg from 'pg'
import { addChecksums } from '../checksum.ts'
import { quoteName } from './schema.ts'

/** A bucket's totals; the writer's copy runs ahead of what is committed. */
export interface Bucket {
  readonly id: number
  readonly name: string
  opCount: number
  checksum: number
  lastOpId: bigint
}

interface BucketRow {
  id: number
  name: string
  op_count: string
  checksum: string
  last_op_id: string
}

/** Bounds memory: a cleared bucket is read again when it next changes. */
const maxCached = 20_000

/** The writer's buckets by name and by id: read, created, changed, written back at commit. */
export class BucketCache {
  readonly #client: pg.ClientBase
  readonly #table: string
  readonly #byName = new Map<string, Bucket>()
  readonly #byId = new Map<number, Bucket>()
  readonly #changed = new Set<Bucket>()
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
      })
    }
    for (const name of missingNames) {
      if (!this.#byName.has(name)) this.#remember(await this.#create(name))
    }
  }

  named(name: string): Bucket {
    return present(this.#byName.get(name))
  }

  withId(id: number): Bucket {
    return present(this.#byId.get(id))
  }

  addOp(bucket: Bucket, opId: bigint, checksum: number): void {
    bucket.opCount += 1
    bucket.checksum = addChecksums(bucket.checksum, checksum)
    bucket.lastOpId = opId
    this.#changed.add(bucket)
  }

  /** Writes the changed totals and returns copies of them. */
  async flush(): Promise<Bucket[]> {
    const changed = [...this.#changed].map((bucket) => ({ ...bucket }))
    this.#changed.clear()
    if (changed.length > 0) {
      await this.#client.query({
        name: 'write-buckets',
        text: `INSERT INTO ${this.#table}
               SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
               ON CONFLICT (id) DO UPDATE SET op_count = excluded.op_count,
                 checksum = excluded.checksum, last_op_id = excluded.last_op_id`,
        values: [
          changed.map((bucket) => bucket.id),
          changed.map((bucket) => bucket.name),
          changed.map((bucket) => bucket.opCount),
          changed.map((bucket) => bucket.checksum),
          changed.map((bucket) => bucket.lastOpId),
        ],
      })
    }
    if (this.#byName.size > maxCached) {
      this.#byName.clear()
      this.#byId.clear()
    }
    return changed
  }

  async #create(name: string): Promise<Bucket> {
    if (this.#nextId === 0) {
      const { rows } = await this.#client.query<{ next: number }>(
        `SELECT coalesce(max(id), 0) + 1 AS next FROM ${this.#table}`,
      )
      this.#nextId = rows[0]?.next ?? 1
    }
    const bucket = { id: this.#nextId++, name, opCount: 0, checksum: 0, lastOpId: 0n }
    this.#changed.add(bucket)
    return bucket
  }

  #remember(bucket: Bucket): void {
    this.#byName.set(bucket.name, bucket)
    this.#byId.set(bucket.id, bucket)
  }
}

function present(bucket: Bucket | undefined): Bucket {
  if (!bucket) throw new Error('Bucket used before it was loaded')
  return bucket
}
