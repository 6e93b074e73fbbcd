/** What the system's buffers take, at most, for a client that reads nothing. */
const unreadBytes = 4 * 1024 * 1024
const largestLineBytes = 8 * 1024 * 1024
/** A line that takes a client longer than this was too large for it... */
const slowMs = 1_000
/** ...and faster than this, it could have been larger. */
const quickMs = 500
/** In all streams together. */
const budgetBytes = 64 * 1024 * 1024

/** What large lines may still cost, shared by all streams. */
export class LineBudget {
  #left = budgetBytes

  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

/**
 * How large the data lines of one stream become. A client stores each line in a transaction of its
 * own, so few large ones cost it far less than many small ones. But the engine must hold a line
 * until it is read: lines grow only as far as the client has shown that it reads, and how fast.
 */
export class LineSize {
  readonly #budget: LineBudget
  /** Of the budget. */
  #allowed = 0
  #takenBytes = 0
  #limit = largestLineBytes

  constructor(budget: LineBudget) {
    this.#budget = budget
  }

  /** The size for the next line, kept until `giveBack`; 0: no larger than it must be. */
  take(): number {
    const shownToRead = Math.max(0, this.#takenBytes - unreadBytes)
    const bytes = Math.min(shownToRead, this.#limit)
    if (!this.#budget.take(bytes)) return 0
    this.#allowed += bytes
    return bytes
  }

  giveBack(bytes: number): void {
    this.#allowed -= bytes
    this.#budget.giveBack(bytes)
  }

  /** Gives back what a stream that was cut short still had. */
  close(): void {
    this.giveBack(this.#allowed)
  }

  /** Notes how long the client took to take a line. */
  noteTaken(bytes: number, ms: number): void {
    this.#takenBytes += bytes
    if (ms > slowMs) this.#limit /= 2
    else if (ms < quickMs) this.#limit = Math.min(largestLineBytes, this.#limit * 2)
  }
}
