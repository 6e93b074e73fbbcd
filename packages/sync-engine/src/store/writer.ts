import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import { putChecksum, removeChecksum } from '../checksum.ts'
import type { SourceColumn } from '../replication/catalog.ts'
import { formatLsn, type Lsn } from '../replication/lsn.ts'
import type { TupleValue } from '../replication/pgoutput.ts'
import type { BucketRow, ParameterLookup, RulesOfGeneration } from '../rules.ts'
import type { BucketCache, WriterBucket } from './bucket-cache.ts'
import { insertSuperseded, OpBatch } from './op-batch.ts'
import {
  completeRow,
  type Output,
  type RowId,
  rowIdText,
  SourceRowStore,
  type StoredRow,
  valuesToKeep,
} from './source-rows.ts'
import { quoteName } from './schema.ts'
import type { StoredTable } from './state.ts'

/** A replicated table with the columns that the log has for it now. */
export interface SourceTable extends StoredTable {
  readonly columns: readonly SourceColumn[]
}

/** One row's new version (or none), in the order of the log. */
export interface RowChange {
  readonly table: SourceTable
  readonly key: string
  /** null: the row is gone. */
  readonly after: ReadonlyMap<string, TupleValue> | null
  /** The key under which the row's TOASTed values are stored, when the key changed. */
  readonly previousKey?: string
  /** When it was committed, in microseconds since 1970; absent in a snapshot. */
  readonly committedAt?: bigint
}

/** What a commit of the store changed. */
export interface StoreCommit {
  readonly lastOpId: bigint
  readonly appliedLsn: Lsn
  readonly buckets: readonly WriterBucket[]
  /** Parameter lookups whose answer changed. */
  readonly lookups: ReadonlySet<string>
}

/** What one change makes of its row, before operations have ids. */
interface Step {
  readonly id: RowId
  readonly rows: readonly BucketRow[]
  readonly committedAt: bigint
  /** null: the row is gone. */
  readonly keep: Pick<StoredRow, 'keptValues' | 'lookups'> | null
}

interface NewOp {
  readonly op: 'PUT' | 'REMOVE'
  readonly source: RowId
  readonly type: string
  readonly id: string
  readonly checksum: number
  readonly data: string | null
  readonly committedAt: bigint
}

interface PutRow {
  op_id: string
  object_id: string
  subkey: string
  checksum: string
}

/** How many changes are applied in one go; bounds memory and time away from the event loop. */
export const sliceSize = 200
/** So many rows are evaluated before timers and clients get their turn: a few milliseconds. */
const rowsPerTurn = 50

/**
 * Turns row changes into bucket operations and stores them with the rows' state and the position
 * in the log in one Postgres transaction. The same log always gives the same operation ids and
 * checksums. Ids follow the time of the commit, so that a source that was put back to an older state
 * does not give ids again that it gave before, for other operations. After an error the writer must be thrown away: its memory has run ahead.
 */
export class StoreWriter {
  readonly #client: pg.ClientBase
  readonly #schema: string
  readonly #rules: RulesOfGeneration
  readonly #onRuleError: (message: string) => void
  readonly #buckets: BucketCache
  readonly #rows: SourceRowStore
  readonly #now: () => number
  #lastOpId: bigint
  #lookups = new Set<string>()
  #isOpen = false

  constructor(deps: {
    client: pg.ClientBase
    schemaName: string
    rules: RulesOfGeneration
    buckets: BucketCache
    lastOpId: bigint
    /** Milliseconds since 1970. */
    now: () => number
    onRuleError: (message: string) => void
  }) {
    this.#client = deps.client
    this.#schema = quoteName(deps.schemaName)
    this.#rules = deps.rules
    this.#onRuleError = deps.onRuleError
    this.#buckets = deps.buckets
    this.#rows = new SourceRowStore(deps.client, deps.schemaName)
    this.#now = deps.now
    this.#lastOpId = deps.lastOpId
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Applies at most a slice of changes within the open store transaction (opened on demand). */
  async apply(changes: readonly RowChange[]): Promise<void> {
    if (changes.length === 0) return
    await this.#open()
    const stored = await this.#rows.read(touchedRows(changes))
    const steps = await this.#evaluate(changes, new Map(stored))
    await this.#buckets.load(
      new Set(steps.flatMap((step) => step.rows.map((row) => row.bucket))),
      new Set([...stored.values()].flatMap((row) => row.outputs.map((output) => output.bucketId))),
    )
    await this.#write(steps, stored)
  }

  /** Removes every row of a table, slice by slice. */
  async truncate(
    table: SourceTable,
    committedAt: bigint,
    pause: () => Promise<void>,
  ): Promise<void> {
    let after: string | null = null
    for (;;) {
      const keys: string[] = await this.#rows.keysAfter(table.id, after, sliceSize)
      const last = keys.at(-1)
      if (last === undefined) return
      await this.apply(keys.map((key) => ({ table, key, after: null, committedAt })))
      after = last
      await pause()
    }
  }

  /**
   * Puts the bucket's oldest rows once more, at its end: what lies between them can then be
   * cleared. Not in the log, so a replay would not repeat it: the commit waits for the disk.
   * Every PUT of the bucket must stand for a row. Returns how many rows there were.
   */
  async repeatOldest(bucketId: number, limit: number): Promise<number> {
    await this.#open()
    await this.#buckets.load(new Set(), new Set([bucketId]))
    const bucket = this.#buckets.withId(bucketId)
    await this.#client.query('SET LOCAL synchronous_commit = on')
    const { rows } = await this.#client.query<PutRow>({
      name: 'oldest-puts',
      text: `SELECT op_id, object_id, subkey, checksum FROM ${this.#schema}.bucket_ops
              WHERE bucket_id = $1 AND op = 'PUT' ORDER BY op_id LIMIT $2`,
      values: [bucket.id, limit],
    })
    const moved = new Map(rows.map((row) => [BigInt(row.op_id), this.#repeat(bucket, row)]))
    await this.#client.query({
      name: 'repeat-ops',
      text: `INSERT INTO ${this.#schema}.bucket_ops
             SELECT o.bucket_id, m.new_id, o.op, o.object_type, o.object_id, o.subkey, o.checksum, o.data
               FROM unnest($2::bigint[], $3::bigint[]) AS m (old_id, new_id)
               JOIN ${this.#schema}.bucket_ops o ON o.bucket_id = $1 AND o.op_id = m.old_id`,
      values: [bucket.id, [...moved.keys()], [...moved.values()]],
    })
    const superseded = [...moved].map(([opId, targetOp]) => ({
      bucketId: bucket.id,
      opId,
      targetOp,
    }))
    await insertSuperseded(this.#client, this.#schema, superseded)
    const sources = rows.map((row) => sourceOf(row.subkey, row.object_id))
    await this.#rows.replaceOutputs(sources, (output) => ({
      ...output,
      opId: (output.bucketId === bucket.id ? moved.get(output.opId) : null) ?? output.opId,
    }))
    return rows.length
  }

  #repeat(bucket: WriterBucket, { checksum }: PutRow): bigint {
    const opId = this.#nextOpId(BigInt(Math.floor(this.#now())) * 1000n)
    this.#buckets.addOp(bucket, opId, Number(checksum))
    this.#buckets.addDead(bucket, 1)
    return opId
  }

  /** Makes later operations begin above this id. Not in the log: the commit waits for the disk. */
  async raise(opId: bigint): Promise<void> {
    if (opId <= this.#lastOpId) return
    await this.#open()
    await this.#client.query('SET LOCAL synchronous_commit = on')
    this.#lastOpId = opId
  }

  /** Makes everything applied visible, together with the position that it goes up to. */
  async commit(appliedLsn: Lsn): Promise<StoreCommit> {
    const buckets = await this.#buckets.flush()
    await this.#client.query({
      name: 'write-state',
      text: `UPDATE ${this.#schema}.engine_state SET last_op_id = $1, applied_lsn = $2`,
      values: [this.#lastOpId, formatLsn(appliedLsn)],
    })
    await this.#client.query('COMMIT')
    this.#isOpen = false
    const lookups = this.#lookups
    this.#lookups = new Set()
    return { lastOpId: this.#lastOpId, appliedLsn, buckets, lookups }
  }

  /**
   * Commits the position and waits until it is on disk; with it is every earlier commit.
   * Other commits do not wait: what a crash takes is read from the log again.
   */
  async makeDurable(
    appliedLsn: Lsn,
    options: { snapshotDone?: true; checkpointFloor?: bigint } = {},
  ): Promise<void> {
    const floor =
      options.checkpointFloor === undefined
        ? ''
        : `, checkpoint_floor = GREATEST(checkpoint_floor, ${options.checkpointFloor})`
    const done = options.snapshotDone ? ', snapshot_done = true' : ''
    await this.#client.query(
      `BEGIN; SET LOCAL synchronous_commit = on;
       UPDATE ${this.#schema}.engine_state SET applied_lsn = '${formatLsn(appliedLsn)}'${floor}${done};
       COMMIT`,
    )
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return
    this.#isOpen = true
    await this.#client.query('BEGIN')
  }

  async #evaluate(changes: readonly RowChange[], known: Map<string, StoredRow>): Promise<Step[]> {
    const steps: Step[] = []
    for (const change of changes) {
      if (steps.length % rowsPerTurn === rowsPerTurn - 1) await nextTurn()
      steps.push(this.#evaluateOne(change, known))
    }
    return steps
  }

  #evaluateOne(change: RowChange, known: Map<string, StoredRow>): Step {
    const { table, key, after, previousKey, committedAt = 0n } = change
    const id = { tableId: table.id, key }
    if (after === null) {
      known.delete(rowIdText(id))
      return { id, rows: [], committedAt, keep: null }
    }
    const previous = known.get(rowIdText({ tableId: table.id, key: previousKey ?? key }))
    const row = completeRow(after, previous)
    const { rows, lookups } = this.#rules.evaluate(table, table.columns, row, this.#onRuleError)
    const keep = { keptValues: valuesToKeep(table.columns, row), lookups }
    known.set(rowIdText(id), { ...keep, outputs: [] })
    return { id, rows, committedAt, keep }
  }

  async #write(steps: readonly Step[], stored: ReadonlyMap<string, StoredRow>): Promise<void> {
    const ops = new OpBatch()
    const latest = new Map<string, { id: RowId; row: StoredRow | null }>()
    for (const { id, rows, committedAt, keep } of steps) {
      const text = rowIdText(id)
      const before = latest.get(text)?.row ?? (latest.has(text) ? null : stored.get(text)) ?? null
      const outputs = rows.map((row) => this.#put(ops, id, row, committedAt))
      for (const old of before?.outputs ?? []) {
        const target =
          outputs.find((now) => isSame(old, now))?.opId ?? this.#remove(ops, id, old, committedAt)
        this.#supersede(ops, old, target)
      }
      latest.set(text, { id, row: keep && { ...keep, outputs } })
    }
    await ops.insert(this.#client, this.#schema)
    const entries = [...latest.values()]
    await this.#rows.write(entries.flatMap(({ id, row }) => (row ? [{ id, row }] : [])))
    await this.#rows.remove(entries.flatMap(({ id, row }) => (row ? [] : [id])))
    await this.#replaceLookups(entries, stored)
  }

  async #replaceLookups(
    entries: readonly { id: RowId; row: StoredRow | null }[],
    stored: ReadonlyMap<string, StoredRow>,
  ): Promise<void> {
    const changed: { id: RowId; lookups: readonly ParameterLookup[] }[] = []
    for (const { id, row } of entries) {
      const before = stored.get(rowIdText(id))?.lookups ?? []
      const lookups = row?.lookups ?? []
      if (JSON.stringify(before) === JSON.stringify(lookups)) continue
      for (const { lookup } of [...before, ...lookups]) this.#lookups.add(lookup)
      changed.push({ id, lookups })
    }
    await this.#rows.replaceLookups(changed)
  }

  #put(ops: OpBatch, source: RowId, row: BucketRow, committedAt: bigint): Output {
    const { bucket: name, type, id, data } = row
    const bucket = this.#buckets.named(name)
    const checksum = putChecksum(type, id, data)
    const opId = this.#add(ops, bucket, {
      op: 'PUT',
      source,
      type,
      id,
      checksum,
      data,
      committedAt,
    })
    return { bucketId: bucket.id, type, id, opId }
  }

  #remove(ops: OpBatch, source: RowId, output: Output, committedAt: bigint): bigint {
    const bucket = this.#buckets.withId(output.bucketId)
    this.#buckets.addDead(bucket, 1)
    const { type, id } = output
    const checksum = removeChecksum(rowIdText(source))
    return this.#add(ops, bucket, {
      op: 'REMOVE',
      source,
      type,
      id,
      checksum,
      data: null,
      committedAt,
    })
  }

  #supersede(ops: OpBatch, { bucketId, opId }: Output, targetOp: bigint): void {
    this.#buckets.addDead(this.#buckets.withId(bucketId), 1)
    ops.supersede({ bucketId, opId, targetOp })
  }

  #add(ops: OpBatch, bucket: WriterBucket, added: NewOp): bigint {
    const { op, source, type, id, checksum, data, committedAt } = added
    const opId = this.#nextOpId(committedAt)
    this.#buckets.addOp(bucket, opId, checksum)
    ops.add([bucket.id, opId, op, type, id, subkey(source, id), checksum, data])
    return opId
  }

  #nextOpId(notBefore: bigint): bigint {
    const next = this.#lastOpId + 1n
    this.#lastOpId = next > notBefore ? next : notBefore
    return this.#lastOpId
  }
}

/** Tells apart two source rows that give one bucket the same type and id; short in the usual case. */
function subkey({ tableId, key }: RowId, objectId: string): string {
  return key === objectId ? String(tableId) : `${tableId}/${key}`
}

/** The source row that an operation came from. */
function sourceOf(subkey: string, objectId: string): RowId {
  const border = subkey.indexOf('/')
  if (border < 0) return { tableId: Number(subkey), key: objectId }
  return { tableId: Number(subkey.slice(0, border)), key: subkey.slice(border + 1) }
}

function touchedRows(changes: readonly RowChange[]): RowId[] {
  const ids = new Map<string, RowId>()
  for (const { table, key, previousKey } of changes) {
    for (const touched of previousKey === undefined ? [key] : [key, previousKey]) {
      const id = { tableId: table.id, key: touched }
      ids.set(rowIdText(id), id)
    }
  }
  return [...ids.values()]
}

function isSame(a: Output, b: Output): boolean {
  return a.bucketId === b.bucketId && a.type === b.type && a.id === b.id
}
