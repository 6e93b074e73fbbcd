import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Hub } from '../hub.ts'
import type { Metrics } from '../operations/metrics.ts'
import type { Pulse } from '../operations/pulse.ts'
import type { Compactor } from '../store/compactor.ts'
import type { CheckpointNumbers } from '../stream/checkpoint-numbers.ts'
import { type RowChange, sliceSize, type StoreWriter } from '../store/writer.ts'
import type { Lsn } from './lsn.ts'
import { decodePgoutput, type PgoutputMessage } from './pgoutput.ts'
import type { Relations } from './relations.ts'
import type { ReplicationTransport, TransportItem } from './transport.ts'

/** A store transaction takes further source transactions until it has run this long. */
const groupCommitMs = 15
/** Between two moments at which the position is made durable and confirmed to Postgres. */
const confirmIntervalMs = 1_000
const checkTablesMs = 5_000
/** Postgres gives up on a reader that is silent for wal_sender_timeout, 60 s by default. */
const signOfLifeMs = 10_000
/** How far the log may run ahead without any change for us before the position is stored. */
const idleConfirmBytes = 8n * 1024n * 1024n

/**
 * Reads the log, applies it to the store and publishes each commit.
 * Order of things: store transaction, then clients see it, then it is made durable, and only then
 * is the slot confirmed.
 */
export class Replicator {
  readonly #transport: ReplicationTransport
  readonly #relations: Relations
  readonly #writer: StoreWriter
  readonly #compactor: Compactor
  readonly #hub: Hub
  readonly #numbers: CheckpointNumbers
  readonly #metrics: Metrics
  readonly #pulse: Pulse
  /** Up to where the log has been read, at the border of a transaction. */
  #position: Lsn
  /** Everything before it is committed in the store. */
  #applied: Lsn
  /** Everything before it is on disk: what Postgres may forget. */
  #durable: Lsn
  #hasUnconfirmedCommit = false
  #inTransaction = false
  #isReplayed = false
  /** When the transaction was committed that is being read; microseconds since 1970. */
  #committedAt = 0n
  #changes: RowChange[] = []
  #pendingSince = 0
  #turnStartedAt = 0
  #tablesCheckedAt = 0
  /** Of write checkpoints, as it is stored. */
  #storedNumber = 0n
  #stopped = false
  #raises: { readonly opId: bigint; readonly done: () => void }[] = []

  constructor(deps: {
    transport: ReplicationTransport
    relations: Relations
    writer: StoreWriter
    compactor: Compactor
    hub: Hub
    numbers: CheckpointNumbers
    metrics: Metrics
    pulse: Pulse
    position: Lsn
  }) {
    this.#transport = deps.transport
    this.#relations = deps.relations
    this.#writer = deps.writer
    this.#compactor = deps.compactor
    this.#hub = deps.hub
    this.#numbers = deps.numbers
    this.#metrics = deps.metrics
    this.#pulse = deps.pulse
    this.#position = deps.position
    this.#applied = deps.position
    this.#durable = deps.position
  }

  /** Runs until told to stop, or rejects when the transport or the store fails. */
  async run(stopped: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#transport.nudge('tick'), confirmIntervalMs)
    const sign = setInterval(() => void this.#transport.acknowledge(this.#durable), signOfLifeMs)
    const nudge = () => this.#transport.nudge('turn')
    stopped.addEventListener('abort', nudge)
    try {
      while (!stopped.aborted) await this.#handleBatch(await this.#transport.take())
      if (!this.#inTransaction) await this.#publishPending()
      await this.#confirm({ always: true })
    } finally {
      clearInterval(timer)
      clearInterval(sign)
      stopped.removeEventListener('abort', nudge)
      this.#stopped = true
      this.#endRaises()
    }
  }

  /** Makes later operations begin above this id; resolves when that is on disk, or this ends. */
  raise(opId: bigint): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopped) return resolve()
      this.#raises.push({ opId, done: resolve })
      this.#transport.nudge('turn')
    })
  }

  async #handleBatch(items: readonly TransportItem[]): Promise<void> {
    this.#pulse.beat()
    for (const [index, item] of items.entries()) {
      if (item.kind === 'data') {
        const isLast = index === items.length - 1 && this.#transport.isEmpty
        await this.#handle(decodePgoutput(item.bytes), isLast)
      } else if (item.kind === 'keepalive') {
        await this.#keepalive(item.lsn, item.replyWanted)
      } else if (item.kind === 'tick') {
        await this.#confirm()
        await this.#checkTables()
      }
    }
    if (this.#inTransaction) return
    if (this.#transport.isEmpty) await this.#publishPending()
    await this.#raise()
    await this.#compact()
  }

  /** As with compaction, between two transactions, and durable before anybody sees it. */
  async #raise(): Promise<void> {
    if (this.#raises.length === 0) return
    await this.#publishPending()
    for (const { opId } of this.#raises) await this.#writer.raise(opId)
    await this.#publishPending()
    this.#endRaises()
  }

  #endRaises(): void {
    for (const { done } of this.#raises) done()
    this.#raises = []
  }

  /** One slice of compaction; comes again at once, but after what arrived meanwhile. */
  async #compact(): Promise<void> {
    if (this.#hasPending) return
    const step = await this.#compactor.step()
    if (!step) return
    this.#metrics.add('movedOps', step.movedOps)
    this.#metrics.add('clearedOps', step.clearedOps)
    this.#metrics.add('repeatedOps', step.repeatedOps)
    if (step.repeatedOps > 0) await this.#publishPending()
    this.#transport.nudge('turn')
  }

  async #handle(message: PgoutputMessage, isLast: boolean): Promise<void> {
    switch (message.kind) {
      case 'begin':
        this.#inTransaction = true
        this.#hub.applyingSinceMs ??= Number(message.committedAt / 1000n)
        this.#committedAt = message.committedAt
        this.#isReplayed = message.finalLsn < this.#position
        return
      case 'relation':
        await this.#flush()
        return this.#relations.learn(message)
      case 'insert':
      case 'update':
      case 'delete':
        if (!this.#isReplayed) await this.#change(this.#relations.changes(message))
        return
      case 'truncate':
        if (!this.#isReplayed) await this.#truncate(message.relationIds)
        return
      case 'commit':
        this.#inTransaction = false
        if (message.endLsn > this.#position) this.#position = message.endLsn
        if (isLast || Date.now() - this.#pendingSince > groupCommitMs) await this.#publishPending()
        return
      case 'message':
      case 'ignored':
        return
    }
  }

  async #change(changes: readonly RowChange[]): Promise<void> {
    if (!this.#hasPending) this.#pendingSince = Date.now()
    for (const change of changes) {
      this.#changes.push({ ...change, committedAt: this.#committedAt })
    }
    if (this.#changes.length >= sliceSize) await this.#flush()
  }

  async #truncate(relationIds: readonly number[]): Promise<void> {
    await this.#flush()
    for (const relationId of relationIds) {
      const table = this.#relations.table(relationId)
      if (table) await this.#writer.truncate(table, this.#committedAt, () => this.#pause())
    }
  }

  async #keepalive(lsn: Lsn, replyWanted: boolean): Promise<void> {
    if (!this.#inTransaction) {
      if (lsn > this.#position) this.#position = lsn
      await this.#publishPending()
    }
    if (replyWanted) await this.#transport.acknowledge(this.#durable)
  }

  get #hasPending(): boolean {
    return this.#changes.length > 0 || this.#writer.isOpen
  }

  /** Commits what whole transactions have left in the store; at a transaction's border only. */
  async #publishPending(): Promise<void> {
    await this.#flush()
    if (this.#writer.isOpen) {
      const commit = await this.#writer.commit(this.#position)
      this.#hasUnconfirmedCommit = true
      this.#metrics.add('commits')
      this.#hub.publish(commit)
      this.#compactor.notice(commit.buckets)
    } else {
      this.#hub.advance(this.#position)
    }
    this.#applied = this.#position
    this.#hub.applyingSinceMs = null
  }

  async #flush(): Promise<void> {
    const changes = this.#changes
    if (changes.length === 0) return
    this.#changes = []
    this.#metrics.add('changesApplied', changes.length)
    for (let at = 0; at < changes.length; at += sliceSize) {
      await this.#writer.apply(changes.slice(at, at + sliceSize))
    }
    await this.#pause()
  }

  /** Some changes of the tables show in the log only with the next row, or never. */
  async #checkTables(): Promise<void> {
    if (this.#writer.isOpen || Date.now() - this.#tablesCheckedAt < checkTablesMs) return
    await this.#relations.check()
    this.#tablesCheckedAt = Date.now()
  }

  /** Makes the position durable, then tells Postgres; skipped while there is little to tell. */
  async #confirm(options: { always?: true } = {}): Promise<void> {
    const isFarBehind = this.#applied - this.#durable > idleConfirmBytes
    const { highest, highestGiven } = this.#numbers
    const isWanted =
      this.#hasUnconfirmedCommit ||
      isFarBehind ||
      highestGiven > this.#storedNumber ||
      options.always === true
    if (!isWanted || this.#writer.isOpen) return
    await this.#writer.makeDurable(this.#applied, { checkpointFloor: highest })
    this.#storedNumber = highest
    this.#hasUnconfirmedCommit = false
    this.#durable = this.#applied
    await this.#transport.acknowledge(this.#durable)
  }

  /** Lets clients and timers run when a long transaction has kept them waiting. */
  async #pause(): Promise<void> {
    this.#pulse.beat()
    if (Date.now() - this.#turnStartedAt < groupCommitMs) return
    await nextTurn()
    this.#turnStartedAt = Date.now()
  }
}
