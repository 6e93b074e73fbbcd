import type { Hub } from './hub.ts'
import type { RulesOfGeneration } from './rules.ts'
import type { StoreReader } from './store/reader.ts'
import type { LineBudget } from './stream/line-size.ts'
import type { CheckpointNumbers } from './stream/checkpoint-numbers.ts'
import type { ForgottenHistory } from './stream/forgotten-history.ts'
import type { WriteCheckpoints } from './stream/write-checkpoints.ts'

/** What client requests need while the engine is up to date with the log. */
export interface ServingEngine {
  readonly hub: Hub
  readonly reader: StoreReader
  readonly rules: RulesOfGeneration
  readonly writeCheckpoints: WriteCheckpoints
  readonly lineBudget: LineBudget
  readonly slotName: string
  readonly numbers: CheckpointNumbers
  readonly forgotten: ForgottenHistory
  /** Aborted when streams must end: the engine stops, or lost its source. */
  readonly stopping: AbortSignal
}

/** Whether clients can be served now: not while starting, replaying the log or reconnecting. */
export class ServingState {
  #current: ServingEngine | null = null
  readonly #waiting = new Set<() => void>()

  get current(): ServingEngine | null {
    return this.#current
  }

  set(engine: ServingEngine | null): void {
    this.#current = engine
    if (engine) this.release()
  }

  /** Lets everybody go on who waits, served or not. */
  release(): void {
    for (const proceed of this.#waiting) proceed()
    this.#waiting.clear()
  }

  /** The engine as soon as it serves; null when it does not in time. */
  async wait(timeoutMs: number): Promise<ServingEngine | null> {
    if (this.#current) return this.#current
    await new Promise<void>((resolve) => {
      const proceed = () => {
        clearTimeout(timer)
        this.#waiting.delete(proceed)
        resolve()
      }
      const timer = setTimeout(proceed, timeoutMs)
      this.#waiting.add(proceed)
    })
    return this.#current
  }
}
