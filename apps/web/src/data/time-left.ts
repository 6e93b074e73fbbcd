interface Mark {
  readonly atMs: number
  readonly done: number
}

/** How fast it goes is judged by so long before now, and not before so long has passed. */
const longestMs = 15_000
const leastMs = 1_000

/** Estimates when work that goes on step by step will be done. */
export class TimeLeft {
  #marks: readonly Mark[] = []

  /**
   * Notes how far the work is; null when there is none.
   * @returns milliseconds that are left, or null while that cannot be told.
   */
  note(
    progress: { readonly done: number; readonly total: number } | null,
    nowMs: number,
  ): number | null {
    if (progress === null || progress.done < (this.#marks.at(-1)?.done ?? 0)) this.#marks = []
    if (progress === null) return null
    const { done, total } = progress
    if (this.#marks.at(-1)?.done !== done) this.#marks = [...this.#marks, { atMs: nowMs, done }]
    // One that is older stays, so that a rest counts too.
    const old = this.#marks.findLastIndex(({ atMs }) => nowMs - atMs >= longestMs)
    this.#marks = this.#marks.slice(Math.max(0, old))
    const [first] = this.#marks
    if (first === undefined || done === first.done || nowMs - first.atMs < leastMs) return null
    return ((total - done) * (nowMs - first.atMs)) / (done - first.done)
  }
}
