import { Countdown } from './countdown.ts'

/** Allows something now, and again when `delayMs` have passed; who asked meanwhile is told then. */
export class Throttle {
  readonly #delay: Countdown
  #isAsked = false

  constructor(delayMs: number, again: () => void) {
    this.#delay = new Countdown(delayMs, () => {
      if (!this.#isAsked) return
      this.#isAsked = false
      again()
    })
  }

  allows(): boolean {
    if (this.#delay.isRunning) {
      this.#isAsked = true
      return false
    }
    this.#delay.start()
    return true
  }

  stop(): void {
    this.#delay.stop()
    this.#isAsked = false
  }
}
