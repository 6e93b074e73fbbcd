/** Allows something now, and again when `delayMs` have passed; who asked meanwhile is told then. */
export class Throttle {
  readonly #delayMs: number
  readonly #again: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsked = false

  constructor(delayMs: number, again: () => void) {
    this.#delayMs = delayMs
    this.#again = again
  }

  allows(): boolean {
    if (this.#timer !== undefined) {
      this.#isAsked = true
      return false
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (!this.#isAsked) return
      this.#isAsked = false
      this.#again()
    }, this.#delayMs)
    return true
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isAsked = false
  }
}
