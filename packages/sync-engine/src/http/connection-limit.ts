/** How many client streams there may be at a time. */
export interface ConnectionLimits {
  readonly perUser: number
  readonly total: number
}

/** A person's devices and a few that are about to be given up; a large instance's people. */
const defaultConnectionLimits: ConnectionLimits = { perUser: 50, total: 2_000 }

/** Counts client streams, so that no person and no crowd can take all memory. */
export class ConnectionLimit {
  readonly #limits: ConnectionLimits
  readonly #byUser = new Map<string, number>()
  #total = 0

  constructor(limits: Partial<ConnectionLimits> = {}) {
    this.#limits = { ...defaultConnectionLimits, ...limits }
  }

  get connections(): number {
    return this.#total
  }

  /** Takes a place, to be given back by calling the result; null when there is none. */
  enter(userId: string): (() => void) | null {
    const own = this.#byUser.get(userId) ?? 0
    if (own >= this.#limits.perUser || this.#total >= this.#limits.total) return null
    this.#byUser.set(userId, own + 1)
    this.#total += 1
    return () => this.#leave(userId)
  }

  #leave(userId: string): void {
    const left = (this.#byUser.get(userId) ?? 0) - 1
    if (left > 0) this.#byUser.set(userId, left)
    else this.#byUser.delete(userId)
    this.#total -= 1
  }
}
