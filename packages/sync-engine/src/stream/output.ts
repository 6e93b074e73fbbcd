import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { constants, createGzip, type Gzip } from 'node:zlib'
import type { LineEncoder, SyncLine } from './lines.ts'

/** Writes lines at the client's pace. */
export class LineOutput {
  readonly #response: ServerResponse
  readonly #encode: LineEncoder
  readonly #gzip: Gzip | null
  readonly #closed = new AbortController()

  constructor(response: ServerResponse, encode: LineEncoder, options: { gzip: boolean }) {
    this.#response = response
    this.#encode = encode
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
    return this.#response.writableNeedDrain
  }

  /** Waits while the client is behind; does nothing once it is gone. */
  async write(line: SyncLine): Promise<void> {
    if (this.#closed.signal.aborted) return
    const target = this.#gzip ?? this.#response
    if (target.write(this.#encode(line))) return
    try {
      await once(target, 'drain', { signal: this.#closed.signal })
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error
    }
  }

  /** Ends the response after what was written, so that the client reconnects. */
  end(): void {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    if (this.isBehind)
      this.#response.destroy() // it may never read the rest
    else (this.#gzip ?? this.#response).end()
  }
}
