import type { Hub, Subscriber } from '../hub.ts'
import type { Lsn } from '../replication/lsn.ts'
import type { Bucket } from '../store/bucket-cache.ts'
import type { StoreReader } from '../store/reader.ts'
import type { BucketAccess, VisibleBucket } from './access.ts'
import type { CheckpointNumbers } from './checkpoint-numbers.ts'
import { dataLines } from './data-lines.ts'
import { type LineBudget, LineSize } from './line-size.ts'
import type { CheckpointBucket } from './lines.ts'
import type { LineOutput } from './output.ts'

/** A visible bucket with its totals at the current checkpoint. */
interface SessionBucket {
  readonly visible: VisibleBucket
  totals: Bucket | null
}

interface BehindBucket {
  readonly visible: VisibleBucket
  readonly totals: Bucket
}

/** One connected client: tells it each checkpoint that concerns it and sends what it lacks. */
export class SyncSession implements Subscriber {
  readonly #hub: Hub
  readonly #reader: StoreReader
  readonly #access: BucketAccess
  readonly #output: LineOutput
  readonly #lineSize: LineSize
  readonly #numbers: CheckpointNumbers
  /** Up to where the client has each bucket's operations. */
  readonly #positions: Map<string, bigint>
  #buckets = new Map<string, SessionBucket>()
  #lookups: ReadonlySet<string> = new Set()
  #viewOpId = 0n
  #unwatch: (() => void)[] = []
  /** Totals published since the last line. */
  #news = new Map<string, Bucket>()
  #needsRefresh = true
  #awaitedLsn: Lsn | null = null
  #announced: Map<string, CheckpointBucket> | null = null
  #wakeUp: (() => void) | null = null
  #isAwake = true

  constructor(deps: {
    hub: Hub
    reader: StoreReader
    access: BucketAccess
    output: LineOutput
    lineBudget: LineBudget
    numbers: CheckpointNumbers
    positions: Iterable<readonly [bucket: string, after: bigint]>
  }) {
    this.#hub = deps.hub
    this.#reader = deps.reader
    this.#access = deps.access
    this.#output = deps.output
    this.#lineSize = new LineSize(deps.lineBudget)
    this.#numbers = deps.numbers
    this.#positions = new Map(deps.positions)
  }

  bucketChanged(bucket: Bucket): void {
    this.#news.set(bucket.name, bucket)
  }

  lookupsChanged(): void {
    this.#needsRefresh = true
  }

  wake(): void {
    this.#isAwake = true
    this.#wakeUp?.()
  }

  /** The client waits for a line whose write checkpoint reaches `lsn`. */
  awaitWriteCheckpoint(lsn: Lsn): void {
    if (this.#awaitedLsn === null || lsn > this.#awaitedLsn) this.#awaitedLsn = lsn
    this.#hub.wakeAt(lsn, this)
  }

  /** Runs until the output is closed. */
  async run(): Promise<void> {
    const { closed } = this.#output
    const wake = () => this.wake()
    closed.addEventListener('abort', wake)
    try {
      while (!closed.aborted) {
        await this.#sleep()
        while (this.#needsRefresh && !closed.aborted) await this.#refresh()
        if (!closed.aborted) await this.#sendCheckpoint()
      }
    } finally {
      closed.removeEventListener('abort', wake)
      this.#lineSize.close()
      this.#stopWatching()
    }
  }

  async #sleep(): Promise<void> {
    if (!this.#isAwake) await new Promise<void>((resolve) => (this.#wakeUp = resolve))
    this.#wakeUp = null
    this.#isAwake = false
  }

  /** Reads which buckets are visible, with their totals, from one view of the store. */
  async #refresh(): Promise<void> {
    this.#needsRefresh = false
    const versionBefore = this.#hub.version
    const { visible, lookups, totals, lastOpId } = await this.#reader.view(async (view) => {
      const { buckets, lookups } = await this.#access.resolve(view)
      const totals = await view.buckets(buckets.map((bucket) => bucket.name))
      return { visible: buckets, lookups, totals, lastOpId: await view.lastOpId() }
    })
    const buckets = new Map(
      visible.map((bucket) => [
        bucket.name,
        { visible: bucket, totals: totals.get(bucket.name) ?? null },
      ]),
    )
    const wasWatched = hasSameKeys(this.#buckets, buckets) && hasSameKeys(this.#lookups, lookups)
    this.#buckets = buckets
    this.#lookups = lookups
    this.#viewOpId = lastOpId
    if (wasWatched) return
    this.#stopWatching()
    this.#unwatch = [
      this.#hub.watchBuckets(buckets.keys(), this),
      this.#hub.watchLookups(lookups, this),
    ]
    // What was published while nobody watched for us is only in the store.
    if (this.#hub.version !== versionBefore) this.#needsRefresh = true
  }

  #stopWatching(): void {
    for (const unwatch of this.#unwatch) unwatch()
    this.#unwatch = []
  }

  /** Announces the current position if it says anything new, then sends the data up to it. */
  async #sendCheckpoint(): Promise<void> {
    this.#takeNews()
    const { lsn } = this.#hub
    const lastOpId = String(
      this.#viewOpId > this.#hub.lastOpId ? this.#viewOpId : this.#hub.lastOpId,
    )
    const isAwaited = this.#awaitedLsn !== null && this.#awaitedLsn <= lsn
    const before = this.#announced
    const now = new Map([...this.#buckets].map(([name, bucket]) => [name, describe(bucket)]))
    const updated = [...now.values()].filter(
      (bucket) => !isSame(bucket, before?.get(bucket.bucket)),
    )
    const removed = [...(before?.keys() ?? [])].filter((name) => !now.has(name))
    if (before && updated.length === 0 && removed.length === 0 && !isAwaited) return

    for (const name of removed) this.#positions.delete(name)
    this.#announced = now
    if (isAwaited) this.#awaitedLsn = null
    const behind = this.#behind()
    const endStreaming = this.#hub.beginStreaming(behind.map(({ totals }) => totals))
    try {
      await this.#announce(lastOpId, lsn, before, { updated, removed })
      await this.#sendData(behind, lastOpId)
    } finally {
      endStreaming()
    }
  }

  async #announce(
    lastOpId: string,
    lsn: Lsn,
    before: ReadonlyMap<string, CheckpointBucket> | null,
    { updated, removed }: { updated: CheckpointBucket[]; removed: string[] },
  ): Promise<void> {
    const head = {
      last_op_id: lastOpId,
      write_checkpoint: String(this.#numbers.announceAt(lsn)),
    }
    await this.#output.write(
      before
        ? { checkpoint_diff: { ...head, updated_buckets: updated, removed_buckets: removed } }
        : { checkpoint: { ...head, buckets: updated, streams: this.#access.streams } },
    )
  }

  #takeNews(): void {
    for (const [name, totals] of this.#news) {
      const bucket = this.#buckets.get(name)
      if (!bucket) continue
      if (!bucket.totals || bucket.totals.lastOpId < totals.lastOpId) bucket.totals = totals
    }
    this.#news.clear()
  }

  /** The buckets of which the client lacks operations. */
  #behind(): BehindBucket[] {
    return [...this.#buckets.values()].flatMap(({ visible, totals }) =>
      totals && this.#position(totals.name) < totals.lastOpId ? [{ visible, totals }] : [],
    )
  }

  async #sendData(behind: readonly BehindBucket[], lastOpId: string): Promise<void> {
    const priorities = [...new Set(behind.map(({ visible }) => visible.priority))].sort()
    for (const priority of priorities) {
      for (const { visible, totals } of behind) {
        if (visible.priority === priority) await this.#sendBucket(totals)
      }
      if (this.#output.closed.aborted) return
      if (priority !== priorities.at(-1)) {
        await this.#output.write({
          partial_checkpoint_complete: { last_op_id: lastOpId, priority },
        })
      }
    }
    await this.#output.write({ checkpoint_complete: { last_op_id: lastOpId } })
  }

  async #sendBucket(bucket: Bucket): Promise<void> {
    const [size, output] = [this.#lineSize, this.#output]
    const by = { reader: this.#reader, encoder: output.encoder, size }
    for await (const line of dataLines(by, bucket, this.#position(bucket.name))) {
      const startedAt = performance.now()
      await output.writeEncoded(line.bytes, line.operations)
      if (output.closed.aborted) return
      size.noteTaken(line.bytes.length, performance.now() - startedAt)
      size.giveBack(line.allowance)
      this.#positions.set(bucket.name, line.lastOpId)
    }
  }

  #position(bucket: string): bigint {
    return this.#positions.get(bucket) ?? 0n
  }
}

function describe({ visible, totals }: SessionBucket): CheckpointBucket {
  return {
    bucket: visible.name,
    checksum: totals?.checksum ?? 0,
    count: totals?.opCount ?? 0,
    priority: visible.priority,
    subscriptions: visible.subscriptions,
  }
}

function isSame(a: CheckpointBucket, b: CheckpointBucket | undefined): boolean {
  return a.checksum === b?.checksum && a.count === b.count && a.priority === b.priority
}

function hasSameKeys(
  a: { readonly size: number; has(key: string): boolean },
  b: { readonly size: number; keys(): Iterable<string> },
): boolean {
  return a.size === b.size && [...b.keys()].every((key) => a.has(key))
}
