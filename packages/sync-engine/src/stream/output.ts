import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { constants, createGzip, type Gzip } from 'node:zlib'
import type { LineEncoder, SyncLine } from './lines.ts'

/** A client that is behind may read what it was sent for so long after the end. */
const endGraceMs = 2_000

/** Writes lines at the client's pace. */
export class LineOutput {
  readonly #response: ServerResponse
  readonly encoder: LineEncoder
  readonly #gzip: Gzip | null
  readonly #count: (operations: number, bytes: number) => void
  readonly #closed = new AbortController()

  constructor(
    response: ServerResponse,
    encoder: LineEncoder,
    options: { gzip: boolean; count: (operations: number, bytes: number) => void },
  ) {
    this.#response = response
    this.encoder = encoder
    this.#count = options.count
    this.#gzip = options.gzip
      ? createGzip({ level: constants.Z_BEST_SPEED, flush: constants.Z_SYNC_FLUSH })
      : null
    this.#gzip?.pipe(response)
    response.once('close', () => this.#closed.abort())
    response.once('error', () => this.#closed.abort())
  }

  /** Aborted when the client is gone or the output was ended. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** Is the client still busy reading what it was sent? */
  get isBehind(): boolean {
    return this.#response.writableNeedDrain || this.#gzip?.writableNeedDrain === true
  }

  async write(line: SyncLine): Promise<void> {
    await this.writeEncoded(this.encoder.encode(line))
  }

  /** Waits while the client is behind; does nothing once it is gone. */
  async writeEncoded(line: Buffer, operations = 0): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#count(operations, line.length)
    const target = this.#gzip ?? this.#response
    if (target.write(line)) return
    try {
      await once(target, 'drain', { signal: this.#closed.signal })
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error
    }
  }

  /** Ends the response after the lines that were written, so that the client reconnects. */
  end(): void {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    const target = this.#gzip ?? this.#response
    target.end()
    const timer = setTimeout(() => this.#response.destroy(), endGraceMs) // it may never read on
    this.#response.once('close', () => clearTimeout(timer))
  }
}
