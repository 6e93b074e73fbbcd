import { backoffMs } from './backoff.ts'

const openTimes = { firstMs: 15_000, longestMs: 300_000 }

/**
 * Keeps a device off a server that is down. Open: nobody asks before `openUntil`. Then half-open:
 * one attempt is a probe, without repeats; its failure opens the circuit for twice as long, up to
 * five minutes, and any answer closes it.
 */
export class UploadCircuit {
  readonly #random: () => number
  #failures = 0
  /** Milliseconds since 1970. */
  openUntil = 0

  /** @param random from 0 up to 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  get isProbing(): boolean {
    return this.#failures > 0
  }

  failed(now: number): void {
    this.openUntil = now + backoffMs(this.#failures, openTimes, this.#random)
    this.#failures = Math.min(this.#failures + 1, 16)
  }

  answered(): void {
    this.#failures = 0
    this.openUntil = 0
  }

  /** The network is back: probe now. */
  halfOpen(): void {
    this.openUntil = 0
  }
}
