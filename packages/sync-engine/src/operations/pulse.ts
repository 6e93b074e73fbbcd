/** Longer than any single step should take, shorter than a person's patience. */
const stuckAfterMs = 60_000
const beatIntervalMs = 1_000

/** Tells a loop that works or waits properly from one that hangs. */
export class Pulse {
  readonly #now: () => number
  #lastBeat: number

  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#lastBeat = now()
  }

  /** The loop came round. */
  beat(): void {
    this.#lastBeat = this.#now()
  }

  /** Has nothing happened for too long? */
  get isStuck(): boolean {
    return this.#now() - this.#lastBeat > stuckAfterMs
  }

  /** Milliseconds since 1970 of the last sign of life. */
  get lastBeat(): number {
    return this.#lastBeat
  }

  /** Waits for something that may rightly take long, such as other people's transactions. */
  async during<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.beat(), beatIntervalMs)
    try {
      return await work
    } finally {
      clearInterval(timer)
      this.beat()
    }
  }
}
