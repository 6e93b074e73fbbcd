import type { Bucket } from './store/bucket-cache.ts'
import type { StoreCommit } from './store/writer.ts'
import type { Lsn } from './replication/lsn.ts'

/** What a client stream is told; calls are synchronous and must be short. */
export interface Subscriber {
  /** Totals of one of its buckets after a commit that goes up to `lastOpId`. */
  bucketChanged(bucket: Bucket): void
  /** A parameter lookup that it asked has another answer now. */
  lookupsChanged(): void
  /** Called once after the calls above, or when a write checkpoint it waits for is reached. */
  wake(): void
}

interface Streamed {
  readonly name: string
  readonly upTo: bigint
}

/**
 * The consistent position that clients may see, and who wants to hear of changes to what.
 * A commit costs as much as the clients that it concerns, not as all that are connected.
 */
export class Hub {
  /** Grows with every publication: tells a reader whether something happened meanwhile. */
  version = 0
  /** When the transaction was committed that is being applied; null: none is. */
  applyingSinceMs: number | null = null
  #lastOpId: bigint
  #lsn: Lsn
  readonly #byBucket = new Map<string, Set<Subscriber>>()
  readonly #byLookup = new Map<string, Set<Subscriber>>()
  readonly #streamed = new Map<string, Set<Streamed>>()
  readonly #waiting = new Set<{ readonly lsn: Lsn; readonly subscriber: Subscriber }>()

  constructor(start: { lastOpId: bigint; lsn: Lsn }) {
    this.#lastOpId = start.lastOpId
    this.#lsn = start.lsn
  }

  get lastOpId(): bigint {
    return this.#lastOpId
  }

  /** Age of the transaction that clients cannot see yet. */
  get lagMs(): number {
    return this.applyingSinceMs === null ? 0 : Math.max(0, Date.now() - this.applyingSinceMs)
  }

  /** Everything committed in Postgres before this position is in the store. */
  get lsn(): Lsn {
    return this.#lsn
  }

  publish(commit: StoreCommit): void {
    this.version += 1
    this.#lastOpId = commit.lastOpId
    const concerned = new Set<Subscriber>()
    for (const bucket of commit.buckets) {
      for (const subscriber of this.#byBucket.get(bucket.name) ?? []) {
        subscriber.bucketChanged(bucket)
        concerned.add(subscriber)
      }
    }
    for (const lookup of commit.lookups) {
      for (const subscriber of this.#byLookup.get(lookup) ?? []) {
        subscriber.lookupsChanged()
        concerned.add(subscriber)
      }
    }
    this.#advance(commit.appliedLsn, concerned)
  }

  /** The log went on without a change for anybody. */
  advance(lsn: Lsn): void {
    this.#advance(lsn, new Set())
  }

  /** Wakes the subscriber once everything up to `lsn` is in the store. */
  wakeAt(lsn: Lsn, subscriber: Subscriber): void {
    if (lsn <= this.#lsn) subscriber.wake()
    else this.#waiting.add({ lsn, subscriber })
  }

  watchBuckets(names: Iterable<string>, subscriber: Subscriber): () => void {
    return watch(this.#byBucket, names, subscriber)
  }

  watchLookups(lookups: Iterable<string>, subscriber: Subscriber): () => void {
    return watch(this.#byLookup, lookups, subscriber)
  }

  /**
   * Notes that these buckets are being sent up to these totals, until the returned function is
   * called. To be called in the same turn in which the totals are taken from here.
   */
  beginStreaming(buckets: readonly Bucket[]): () => void {
    const entries = buckets.map(({ name, lastOpId }) => ({ name, upTo: lastOpId }))
    for (const entry of entries) addTo(this.#streamed, entry.name, entry)
    return () => {
      for (const entry of entries) removeFrom(this.#streamed, entry.name, entry)
    }
  }

  /** The oldest operation up to which somebody is being sent the bucket; null: nobody is. */
  oldestStreamed(bucketName: string): bigint | null {
    let oldest: bigint | null = null
    for (const { upTo } of this.#streamed.get(bucketName) ?? []) {
      if (oldest === null || upTo < oldest) oldest = upTo
    }
    return oldest
  }

  #advance(lsn: Lsn, concerned: Set<Subscriber>): void {
    if (lsn > this.#lsn) this.#lsn = lsn
    for (const entry of this.#waiting) {
      if (entry.lsn > this.#lsn) continue
      this.#waiting.delete(entry)
      concerned.add(entry.subscriber)
    }
    for (const subscriber of concerned) subscriber.wake()
  }
}

function watch(
  index: Map<string, Set<Subscriber>>,
  keys: Iterable<string>,
  subscriber: Subscriber,
): () => void {
  const watched = [...keys]
  for (const key of watched) addTo(index, key, subscriber)
  return () => {
    for (const key of watched) removeFrom(index, key, subscriber)
  }
}

function addTo<T>(index: Map<string, Set<T>>, key: string, item: T): void {
  const items = index.get(key)
  if (items) items.add(item)
  else index.set(key, new Set([item]))
}

function removeFrom<T>(index: Map<string, Set<T>>, key: string, item: T): void {
  const items = index.get(key)
  items?.delete(item)
  if (items?.size === 0) index.delete(key)
}
