import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import pg from 'pg'
import type { Socket } from 'node:net'
import { applicationName } from './application-name.ts'
import { formatLsn, type Lsn, parseLsn } from './lsn.ts'
import { sessionSettings } from './values.ts'

export type TransportItem =
  | { readonly kind: 'data'; readonly bytes: Buffer }
  /** Everything before `lsn` has been sent. */
  | { readonly kind: 'keepalive'; readonly lsn: Lsn; readonly replyWanted: boolean }
  /** From `nudge`: time has passed, or there is other work than what Postgres sends. */
  | { readonly kind: 'tick' | 'turn' }

/**
 * With more than this unread, the socket is paused until the reader takes it. More would only make
 * the garbage collector's long pauses longer.
 */
const inboxLimitBytes = 512 * 1024

/**
 * The replication connection: messages in the order of the log, taken at the reader's pace.
 * The library's own flow control hands keepalives over before queued data, which would make a
 * position look reached too early; so everything goes through one queue here.
 */
export class ReplicationTransport {
  readonly #service: LogicalReplicationService
  #inbox: TransportItem[] = []
  #wakeReader: (() => void) | null = null
  #failure: Error | null = null
  #inboxBytes = 0
  #isPaused = false

  constructor(databaseUrl: string) {
    this.#service = new LogicalReplicationService(
      {
        connectionString: databaseUrl,
        application_name: applicationName('replication'),
        options: sessionSettings,
        keepAlive: true,
      },
      { acknowledge: { auto: false, timeoutSeconds: 0 } },
    )
    this.#service.on('data', (_lsn, bytes: Buffer) => this.#push({ kind: 'data', bytes }))
    this.#service.on('heartbeat', (lsn, _timestamp, replyWanted) =>
      this.#push({ kind: 'keepalive', lsn: parseLsn(lsn), replyWanted }),
    )
    this.#service.on('error', (error) => this.#fail(error))
  }

  /** Starts streaming after `position`; failures surface in `take`. */
  start(slotName: string, publication: string, position: Lsn): void {
    this.#service.subscribe(new RawPgoutput(publication), slotName, formatLsn(position)).then(
      () => this.#fail(new Error('Replication ended')),
      (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    )
    // The library itself listens one turn after the connection stands; Postgres may be gone by then.
    setImmediate(() => this.#library._client?.on('error', (error) => this.#fail(error)))
  }

  /** Makes `take` return even when Postgres sends nothing. */
  nudge(kind: 'tick' | 'turn'): void {
    this.#push({ kind })
  }

  get isEmpty(): boolean {
    return this.#inbox.length === 0
  }

  /** Waits for at least one item and takes all there are. */
  async take(): Promise<TransportItem[]> {
    if (this.#inbox.length === 0 && !this.#failure) {
      await new Promise<void>((resolve) => (this.#wakeReader = resolve))
    }
    this.#throwFailure()
    const items = this.#inbox
    this.#inbox = []
    this.#inboxBytes = 0
    if (this.#isPaused) this.#setPaused(false)
    return items
  }

  /** Tells Postgres that everything before `lsn` may be forgotten. */
  async acknowledge(lsn: Lsn): Promise<void> {
    if (lsn > 0n) await this.#service.acknowledge(formatLsn(lsn - 1n)) // the library adds one
  }

  async stop(): Promise<void> {
    this.#fail(new Error('Replication stopped'))
    await this.#service.destroy()
  }

  #push(item: TransportItem): void {
    this.#inbox.push(item)
    if (item.kind === 'data') this.#inboxBytes += item.bytes.length
    if (this.#inboxBytes > inboxLimitBytes && !this.#isPaused) this.#setPaused(true)
    this.#wake()
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  #wake(): void {
    this.#wakeReader?.()
    this.#wakeReader = null
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    const { _connection: connection } = this.#library
    if (isPaused) connection?.stream.pause()
    else connection?.stream.resume()
  }

  get #library() {
    return this.#service as unknown as {
      readonly _client: pg.Client | null
      readonly _connection: { readonly stream: Socket } | null
    }
  }
}

/** pgoutput without the library's parser, which turns timestamps into Dates. */
class RawPgoutput extends PgoutputPlugin {
  constructor(publication: string) {
    const quoted = pg.escapeIdentifier(publication).replaceAll("'", "''")
    super({ protoVersion: 1, publicationNames: [quoted], messages: true })
  }

  override parse(buffer: Buffer): never {
    // pg's parser writes the next messages over this memory. Handed to the `data` listener as is.
    return Buffer.from(buffer) as never
  }
}
