/** A time that begins anew whenever it is started, and what happens at its end. */
export class Countdown {
  readonly #ms: number
  readonly #atEnd: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number, atEnd: () => void) {
    this.#ms = ms
    this.#atEnd = atEnd
  }

  get isRunning(): boolean {
    return this.#timer !== undefined
  }

  start(): void {
    this.stop()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#atEnd()
    }, this.#ms)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
