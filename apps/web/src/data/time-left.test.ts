import { describe, expect, it } from 'vitest'
import { TimeLeft } from './time-left.ts'

const total = 1_000

/** What is told at the last of these moments: milliseconds and what is done by then. */
function told(...moments: readonly (readonly [atMs: number, done: number])[]): number | null {
  const timeLeft = new TimeLeft()
  let left: number | null = null
  for (const [atMs, done] of moments) left = timeLeft.note({ done, total }, atMs)
  return left
}

describe('time left', () => {
  it('goes on as fast as it went', () => {
    expect(told([0, 0], [1_000, 100], [2_000, 200])).toBe(8_000)
    expect(told([5_000, 500], [7_000, 750])).toBe(2_000)
    expect(told([0, 0], [4_000, total])).toBe(0)
  })

  it('is not told before it can be', () => {
    expect(told()).toBe(null)
    expect(told([0, 100])).toBe(null)
    expect(told([0, 0], [900, 100])).toBe(null)
    expect(told([0, 100], [5_000, 100])).toBe(null)
  })

  it('judges by what was last, and by a rest too', () => {
    const slowThenFast = told([0, 0], [60_000, 100], [70_000, 500], [80_000, 900])
    expect(slowThenFast).toBeCloseTo((100 * 20_000) / 800)
    expect(told([0, 0], [1_000, 500], [31_000, 500], [31_100, 510])).toBeGreaterThan(60_000)
  })

  it('begins anew with other work', () => {
    const timeLeft = new TimeLeft()
    timeLeft.note({ done: 0, total }, 0)
    timeLeft.note({ done: 900, total }, 2_000)
    expect(timeLeft.note({ done: 10, total }, 3_000)).toBe(null)
    timeLeft.note(null, 4_000)
    expect(timeLeft.note({ done: 500, total }, 5_000)).toBe(null)
  })
})
