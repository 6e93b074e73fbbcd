import type { Lsn } from '../replication/lsn.ts'

const nanosecondsPerMs = 1_000_000n
/** More than what a life can give before it is stored. */
const unstored = 60_000n * nanosecondsPerMs

/**
 * The numbers of write checkpoints. A client that uploaded waits until a checkpoint announces the
 * number that it was given, or a higher one. So a number must be higher than all that were ever
 * announced, in every earlier life of the server too, also in one that a restored copy knows nothing
 * of: numbers follow the clock, in nanoseconds, and never go back when it does.
 */
export class CheckpointNumbers {
  readonly #now: () => number
  /** The highest that was given or announced. */
  #last: bigint
  /** The highest that was given, in this life or before. */
  #given: bigint
  /** The highest whose position in the log has been passed. */
  #passed: bigint
  /** Given, and waiting for the log; both grow. */
  readonly #open: { readonly number: bigint; readonly lsn: Lsn }[] = []

  /** @param floor `highest` as it was stored last; 0: never. */
  constructor(floor: bigint, now: () => number) {
    this.#now = now
    this.#last = floor > this.#clock() ? floor + unstored : floor
    this.#given = floor
    this.#passed = this.#last
  }

  /** Stored, so that the next life begins above it though the clock went back. */
  get highest(): bigint {
    return this.#last
  }

  /** When it grew, `highest` is to be stored. */
  get highestGiven(): bigint {
    return this.#given
  }

  /** A new number that stands for this position in the log. */
  give(lsn: Lsn): bigint {
    this.#last = max(this.#last + 1n, this.#clock())
    const before = this.#open.at(-1)?.lsn ?? 0n
    this.#given = this.#last
    this.#open.push({ number: this.#last, lsn: max(before, lsn) })
    return this.#last
  }

  /** What a checkpoint may announce that has everything up to this position, and not more. */
  announceAt(lsn: Lsn): bigint {
    for (let first = this.#open[0]; first && first.lsn <= lsn; first = this.#open[0]) {
      this.#passed = max(this.#passed, first.number)
      this.#open.shift()
    }
    if (this.#open.length > 0) return this.#passed
    this.#last = max(this.#last, this.#clock())
    this.#passed = this.#last
    return this.#passed
  }

  /** Goes on above this number, which was given by a life of the server that this one forgot. */
  raise(to: bigint): void {
    this.#last = max(this.#last, to)
    this.#given = max(this.#given, to)
    if (this.#open.length === 0) this.#passed = this.#last
  }

  #clock(): bigint {
    return BigInt(Math.floor(this.#now())) * nanosecondsPerMs
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
