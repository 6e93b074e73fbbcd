import type pg from 'pg'
import { addChecksums } from '../checksum.ts'
import type { BucketCache, WriterBucket } from './bucket-cache.ts'
import { quoteName } from './schema.ts'
import type { StoreWriter } from './writer.ts'

/** When and how much to compact; the defaults suit everything but tests. */
export interface CompactionSettings {
  /** At least so many operations must have become superfluous before a bucket is worth a look... */
  readonly minDeadOps: number
  /** ...and so many for each row of the bucket. */
  readonly deadOpsPerRow: number
  /** With more than this left for each row (and `minStuckOps`), old rows are put anew. */
  readonly stuckOpsPerRow: number
  readonly minStuckOps: number
  /** Buckets that grow too slowly for the above are compacted this often. */
  readonly sweepIntervalMs: number
  /** Operations touched in one store transaction. */
  readonly sliceOps: number
}

const defaultCompaction: CompactionSettings = {
  minDeadOps: 1_000,
  deadOpsPerRow: 0.5,
  stuckOpsPerRow: 4,
  minStuckOps: 10_000,
  sweepIntervalMs: 10 * 60_000,
  sliceOps: 1_000,
}

/** What a step did. */
export interface CompactionStep {
  readonly movedOps: number
  readonly clearedOps: number
  /** Old rows that were put anew; they wait in the writer's open transaction for a commit. */
  readonly repeatedOps: number
}

/** A bucket is forgotten here beyond this; the next sweep finds it again. */
const maxDue = 1_000
const sweepPage = 500

/**
 * Keeps buckets from growing with every edit, in slices that the writer's owner calls between
 * commits. Per bucket:
 * 1. operations that a later one supersedes become MOVE, which has a checksum and nothing else;
 * 2. a leading run of MOVE and REMOVE becomes one CLEAR with the sum of their checksums;
 * 3. when rows that nobody edits keep too much from being cleared, they are put anew at the end.
 *
 * A client whose download goes up to an older operation than `horizon` would miss what a younger
 * one superseded, so nothing younger counts. Sums of checksums never change at or after it.
 */
export class Compactor {
  readonly #client: pg.ClientBase
  readonly #schema: string
  readonly #buckets: BucketCache
  readonly #writer: StoreWriter
  readonly #horizon: (bucketName: string) => bigint | null
  readonly #settings: CompactionSettings
  readonly #due = new Set<number>()
  /** Buckets with more to do once a download is over, and up to where it goes. */
  readonly #blocked = new Map<number, { readonly name: string; readonly horizon: bigint }>()
  #sweep: { readonly after: number } | null = null
  #nextSweepAt: number

  constructor(deps: {
    client: pg.ClientBase
    schemaName: string
    buckets: BucketCache
    writer: StoreWriter
    /** The oldest operation up to which a client is downloading the bucket now; null: none is. */
    horizon: (bucketName: string) => bigint | null
    settings?: Partial<CompactionSettings>
  }) {
    this.#client = deps.client
    this.#schema = quoteName(deps.schemaName)
    this.#buckets = deps.buckets
    this.#writer = deps.writer
    this.#horizon = deps.horizon
    this.#settings = { ...defaultCompaction, ...deps.settings }
    this.#nextSweepAt = Date.now() + this.#settings.sweepIntervalMs
  }

  /** Takes note of buckets that a commit changed. */
  notice(changed: readonly WriterBucket[]): void {
    const { minDeadOps, deadOpsPerRow } = this.#settings
    for (const bucket of changed) {
      const rows = bucket.opCount - bucket.deadOps
      const dead = bucket.deadOps - bucket.compactedDeadOps
      if (dead < Math.max(minDeadOps, rows * deadOpsPerRow)) continue
      if (this.#due.size < maxDue) this.#due.add(bucket.id)
    }
  }

  /** Makes the next steps look at every bucket. */
  sweepNow(): void {
    this.#nextSweepAt = 0
  }

  /**
   * Compacts a little; null when there is nothing to do. The writer must not have a transaction
   * open. When `repeatedOps` is not 0, the writer must commit and the commit be published.
   */
  async step(): Promise<CompactionStep | null> {
    const id = await this.#nextBucket()
    if (id === null) return null
    await this.#buckets.load(new Set(), new Set([id]))
    const bucket = this.#buckets.withId(id)
    const horizon = this.#horizon(bucket.name) ?? bucket.lastOpId
    const { sliceOps } = this.#settings
    await this.#client.query('BEGIN')
    const movedOps = await this.#move(bucket, horizon)
    const cleared = movedOps < sliceOps ? await this.#clear(bucket, horizon) : { seen: 0, ops: 0 }
    const isFinished = movedOps < sliceOps && cleared.seen < sliceOps
    this.#buckets.compacted(bucket, cleared.ops, isFinished && horizon >= bucket.lastOpId)
    await this.#buckets.flush()
    await this.#client.query('COMMIT')
    const repeatedOps =
      isFinished && horizon >= bucket.lastOpId && this.#isStuck(bucket)
        ? await this.#writer.repeatOldest(id, sliceOps)
        : 0
    if (isFinished && repeatedOps === 0) {
      this.#due.delete(id)
      if (horizon < bucket.lastOpId) this.#block(bucket, horizon)
    }
    return { movedOps, clearedOps: cleared.ops, repeatedOps }
  }

  #isStuck({ opCount, deadOps }: WriterBucket): boolean {
    const { minStuckOps, stuckOpsPerRow } = this.#settings
    return deadOps > minStuckOps && deadOps > (opCount - deadOps) * stuckOpsPerRow
  }

  #block({ id, name }: WriterBucket, horizon: bigint): void {
    if (this.#blocked.size < maxDue) this.#blocked.set(id, { name, horizon })
  }

  #unblock(): void {
    for (const [id, { name, horizon }] of this.#blocked) {
      if (this.#horizon(name) === horizon) continue
      this.#blocked.delete(id)
      this.#due.add(id)
    }
  }

  async #nextBucket(): Promise<number | null> {
    if (this.#due.size === 0) this.#unblock()
    for (const id of this.#due) return id
    if (Date.now() >= this.#nextSweepAt) {
      this.#nextSweepAt = Date.now() + this.#settings.sweepIntervalMs
      this.#sweep = { after: 0 }
    }
    while (this.#sweep) {
      const { rows } = await this.#client.query<{ id: number; is_due: boolean }>({
        name: 'sweep-buckets',
        text: `SELECT id, dead_ops > compacted_dead_ops AS is_due FROM ${this.#schema}.buckets
                WHERE id > $1 ORDER BY id LIMIT $2`,
        values: [this.#sweep.after, sweepPage],
      })
      const last = rows.at(-1)
      this.#sweep = last ? { after: last.id } : null
      for (const row of rows) if (row.is_due) this.#due.add(row.id)
      for (const id of this.#due) return id
    }
    return null
  }

  /** Turns a slice of superseded operations into MOVE; returns how many. */
  async #move(bucket: WriterBucket, horizon: bigint): Promise<number> {
    const { rows } = await this.#client.query<{ target_op: string; op_id: string }>({
      name: 'read-superseded',
      text: `SELECT target_op, op_id FROM ${this.#schema}.superseded_ops
              WHERE bucket_id = $1 AND target_op <= $2 ORDER BY target_op, op_id LIMIT $3`,
      values: [bucket.id, horizon, this.#settings.sliceOps],
    })
    const last = rows.at(-1)
    if (!last) return 0
    await this.#client.query({
      name: 'move-ops',
      text: `UPDATE ${this.#schema}.bucket_ops o
                SET op = 'MOVE', object_type = NULL, object_id = NULL, subkey = NULL, data = NULL
               FROM unnest($2::bigint[]) AS superseded (op_id)
              WHERE o.bucket_id = $1 AND o.op_id = superseded.op_id`,
      values: [bucket.id, rows.map((row) => row.op_id)],
    })
    await this.#client.query({
      name: 'forget-superseded',
      text: `DELETE FROM ${this.#schema}.superseded_ops
              WHERE bucket_id = $1 AND (target_op, op_id) <= ($2, $3)`,
      values: [bucket.id, last.target_op, last.op_id],
    })
    return rows.length
  }

  /** Clears the beginning of the bucket; says how many operations it saw and made away with. */
  async #clear(bucket: WriterBucket, horizon: bigint): Promise<{ seen: number; ops: number }> {
    const { rows } = await this.#client.query<{ op_id: string; op: string; checksum: string }>({
      name: 'read-beginning',
      text: `SELECT op_id, op, checksum FROM ${this.#schema}.bucket_ops
              WHERE bucket_id = $1 AND op_id <= $2 ORDER BY op_id LIMIT $3`,
      values: [bucket.id, horizon, this.#settings.sliceOps],
    })
    const firstRow = rows.findIndex((row) => row.op === 'PUT')
    const run = firstRow < 0 ? rows : rows.slice(0, firstRow)
    const last = run.at(-1)
    if (!last || run.length < 2) return { seen: run.length, ops: 0 }
    await this.#client.query({
      name: 'clear-ops',
      text: `DELETE FROM ${this.#schema}.bucket_ops WHERE bucket_id = $1 AND op_id < $2`,
      values: [bucket.id, last.op_id],
    })
    await this.#client.query({
      name: 'write-clear',
      text: `UPDATE ${this.#schema}.bucket_ops
                SET op = 'CLEAR', object_type = NULL, object_id = NULL, subkey = NULL,
                    data = NULL, checksum = $3
              WHERE bucket_id = $1 AND op_id = $2`,
      values: [
        bucket.id,
        last.op_id,
        run.reduce((sum, row) => addChecksums(sum, Number(row.checksum)), 0),
      ],
    })
    return { seen: run.length, ops: run.length - 1 }
  }
}
