/** How a page's main thread did while it was watched. */
export interface MainThread {
  /** Of the longest task; 50 when there was none above, of which browsers do not tell. */
  readonly longestTaskMs: number
  /** Time from each frame to the next. */
  readonly frameMs: readonly number[]
}

const shortestToldMs = 50

/** Watches this page from now on, until the returned function is called. */
export function watchMainThread(): () => MainThread {
  const tasks: number[] = []
  const frames: number[] = []
  const note = (entries: PerformanceEntryList) => tasks.push(...entries.map((one) => one.duration))
  const observer = new PerformanceObserver((list) => void note(list.getEntries()))
  observer.observe({ type: 'longtask' })
  let last = performance.now()
  let frame = requestAnimationFrame(function tick(now) {
    frames.push(now - last)
    last = now
    frame = requestAnimationFrame(tick)
  })
  return () => {
    cancelAnimationFrame(frame)
    note(observer.takeRecords())
    observer.disconnect()
    return { longestTaskMs: Math.max(shortestToldMs, ...tasks), frameMs: frames }
  }
}
