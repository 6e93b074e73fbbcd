import { describe, expect, it } from 'vitest'
import { ForgottenHistory } from './forgotten-history.ts'

const nowMs = 1_800_000_000_000
const micros = (ms: number) => BigInt(ms) * 1_000n
const dayMs = 86_400_000

function setUp(lastOpId: bigint) {
  const raised: { ops: bigint[]; numbers: bigint[] } = { ops: [], numbers: [] }
  const history = new ForgottenHistory({
    hub: { lastOpId },
    numbers: { raise: (number) => raised.numbers.push(number) },
    raiseOps: (opId) => Promise.resolve(void raised.ops.push(opId)),
    now: () => nowMs,
  })
  return { history, raised }
}

describe('what clients know that the server forgot', () => {
  it('is nothing while they are not further than the log', async () => {
    const { history, raised } = setUp(micros(nowMs))
    await history.learn([0n, 5n, micros(nowMs)])
    expect(raised).toEqual({ ops: [], numbers: [] })
  })

  it('moves operations above it, and write checkpoints too when the clock is behind', async () => {
    const { history, raised } = setUp(5n)
    await history.learn([3n, micros(nowMs) - 1n])
    expect(raised).toEqual({ ops: [micros(nowMs) - 1n], numbers: [] })
    await history.learn([micros(nowMs + 10)])
    expect(raised.ops.at(-1)).toBe(micros(nowMs + 10))
    expect(raised.numbers).toEqual([micros(nowMs + 10 + dayMs) * 1_000n])
  })

  it('is not believed to be more than a year ahead', async () => {
    const { history, raised } = setUp(5n)
    await history.learn([2n ** 63n - 1n, micros(nowMs + 367 * dayMs), 7n])
    expect(raised).toEqual({ ops: [7n], numbers: [] })
  })
})
