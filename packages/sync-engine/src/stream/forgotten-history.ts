import type { Hub } from '../hub.ts'
import type { CheckpointNumbers } from './checkpoint-numbers.ts'

const dayMs = 86_400_000
/** Clocks that are further ahead than this are not followed: nobody may drive numbers away. */
const farthestAheadMs = 366 * dayMs
const microsecondsPerMs = 1_000n
const nanosecondsPerMicrosecond = 1_000n

export interface ForgottenHistoryDeps {
  readonly hub: Pick<Hub, 'lastOpId'>
  readonly numbers: Pick<CheckpointNumbers, 'raise'>
  /** Makes later operations begin above this id; resolves when that is on disk. */
  readonly raiseOps: (opId: bigint) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * A client that is further than the log was told operations that this server forgot: its files were
 * put back to an older state. Ids follow the clock, so the forgotten ones are not given again while
 * the clock is right. When it is not, the clients are the only ones to know how far they went.
 */
export class ForgottenHistory {
  readonly #deps: ForgottenHistoryDeps

  constructor(deps: ForgottenHistoryDeps) {
    this.#deps = deps
  }

  /** To be awaited before anything is announced to the client that is at these positions. */
  async learn(positions: Iterable<bigint>): Promise<void> {
    const { hub, numbers, raiseOps, now } = this.#deps
    const nowMicros = BigInt(Math.floor(now())) * microsecondsPerMs
    const limit = nowMicros + BigInt(farthestAheadMs) * microsecondsPerMs
    let farthest = 0n
    for (const position of positions) {
      if (position > farthest && position <= limit) farthest = position
    }
    if (farthest <= hub.lastOpId) return
    // Write checkpoints are given later than the operations before them: by less than a day, or the
    // client's next upload gets it a new one.
    if (farthest > nowMicros) {
      const dayAfter = farthest + BigInt(dayMs) * microsecondsPerMs
      numbers.raise(dayAfter * nanosecondsPerMicrosecond)
    }
    await raiseOps(farthest)
  }
}
