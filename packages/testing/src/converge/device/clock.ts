const TrueDate = Date

/** Sets this process's idea of the time, so far from the true one. Timers keep their pace. */
export function skewClock(skewMs: number): void {
  const trueNow = () => TrueDate.now()
  class SkewedDate extends TrueDate {
    constructor(...given: [] | [number | string | Date]) {
      if (given.length === 0) super(trueNow() + skewMs)
      else super(given[0])
    }

    static override now(): number {
      return trueNow() + skewMs
    }
  }
  globalThis.Date = SkewedDate as DateConstructor
}

/** A clock that runs faster, and waiting in its time: what takes minutes is seen in seconds. */
export function fastClock(speed: number) {
  const start = Date.now()
  return {
    now: () => start + (Date.now() - start) * speed,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / speed)),
  }
}
