import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stand, type Candidate, type ElectionLocks } from './election.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('an election', () => {
  it('makes the first one leader, and the next when it goes', async () => {
    const hall = electionHall()
    const first = hall.stand('first')
    const second = hall.stand('second')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(hall.leading()).toEqual(['first'])
    first.withdraw()
    await first.candidate.ended
    await vi.advanceTimersByTimeAsync(0)
    expect(hall.leading()).toEqual(['second'])
    second.withdraw()
    await second.candidate.ended
    expect(hall.leading()).toEqual([])
  })

  it('takes the lock from a holder that does not answer, not from one that answers late', async () => {
    const hall = electionHall()
    hall.stand('holder')
    hall.stand('next')
    for (let n = 0; n < 20; n += 1) {
      hall.muteFor('holder', 6_000)
      await vi.advanceTimersByTimeAsync(7_000)
    }
    expect(hall.leading()).toEqual(['holder'])
    hall.muteFor('holder', Infinity)
    await vi.advanceTimersByTimeAsync(12_000)
    expect(hall.leading()).toEqual(['next'])
  })

  it('ends the term of a holder that wakes up, which then waits for its turn', async () => {
    const hall = electionHall()
    const sleeper = hall.stand('sleeper')
    hall.muteFor('sleeper', 30_000)
    const next = hall.stand('next')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(hall.leading()).toEqual(['next'])
    expect(hall.terms).toEqual(['sleeper', 'next'])
    next.withdraw()
    await next.candidate.ended
    await vi.advanceTimersByTimeAsync(0)
    expect(hall.leading()).toEqual(['sleeper'])
    sleeper.withdraw()
    await sleeper.candidate.ended
  })

  it('lets a person take over from a holder that answers, but not from itself', async () => {
    const hall = electionHall()
    const first = hall.stand('first')
    const second = hall.stand('second')
    await vi.advanceTimersByTimeAsync(5_000)
    second.candidate.takeOver()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(hall.leading()).toEqual(['second'])
    second.candidate.takeOver()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(hall.terms).toEqual(['first', 'second'])
    first.candidate.takeOver()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(hall.leading()).toEqual(['first'])
  })

  it('has one leader when several take over at once', async () => {
    const hall = electionHall()
    hall.stand('gone')
    hall.muteFor('gone', Infinity)
    for (let n = 0; n < 5; n += 1) hall.stand(`tab ${n}`)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(hall.leading()).toHaveLength(1)
    expect(hall.leading()).not.toEqual(['gone'])
  })

  it('leads again after it was replaced in the database, and says what failed', async () => {
    const outcomes: (() => Promise<'done' | 'replaced'>)[] = [
      () => Promise.resolve('replaced'),
      () => Promise.resolve('done'),
    ]
    const lead = vi.fn(() => outcomes.shift()?.() ?? Promise.reject(new Error('it broke')))
    const input = { name: 'x', locks: locksOfOneBrowser(), ask: () => undefined, lead }
    await stand({ ...input, signal: new AbortController().signal }).ended
    expect(lead).toHaveBeenCalledTimes(2)
    await expect(stand({ ...input, signal: new AbortController().signal }).ended).rejects.toThrow(
      'it broke',
    )
  })
})

/** Candidates that hear each other, and of which each can be deaf and dumb for a while. */
function electionHall() {
  const locks = locksOfOneBrowser()
  const leaders = new Set<string>()
  const mutedUntil = new Map<string, number>()
  const candidates = new Map<string, Candidate>()
  const terms: string[] = []
  const isAwake = (name: string) => (mutedUntil.get(name) ?? 0) <= Date.now()
  return {
    terms,
    leading: () => [...leaders],
    muteFor: (name: string, ms: number) => mutedUntil.set(name, Date.now() + ms),
    stand(name: string) {
      const withdrawn = new AbortController()
      const candidate = stand({
        name: 'lock',
        locks,
        ask: () => {
          if ([...leaders].some((leader) => leader !== name && isAwake(leader)))
            candidates.get(name)?.noteLeader()
        },
        lead: async (signal) => {
          leaders.add(name)
          terms.push(name)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          leaders.delete(name)
          return withdrawn.signal.aborted ? 'done' : 'replaced'
        },
        signal: withdrawn.signal,
      })
      candidates.set(name, candidate)
      return { candidate, withdraw: () => withdrawn.abort() }
    },
  }
}

interface Waiting {
  grant(): void
}

/** As the Web Locks specification has it, for exclusive locks of one name. */
function locksOfOneBrowser(): ElectionLocks {
  const queue: Waiting[] = []
  let held: { steal(): void } | null = null
  const next = () => {
    if (held === null) queue.shift()?.grant()
  }
  const request = (_: string, options: LockOptions, callback: LockGrantedCallback<unknown>) =>
    new Promise((resolve, reject) => {
      const aborted = () => reject(new DOMException('the request was aborted', 'AbortError'))
      const waiting: Waiting = {
        grant() {
          const mine = {
            steal: () => reject(new DOMException('the lock was stolen', 'AbortError')),
          }
          held = mine
          Promise.resolve(callback({ name: 'lock', mode: 'exclusive' }))
            .then(resolve, reject)
            .finally(() => {
              if (held !== mine) return
              held = null
              next()
            })
        },
      }
      if (options.steal === true) {
        held?.steal()
        waiting.grant()
        return
      }
      if (options.signal?.aborted === true) return aborted()
      options.signal?.addEventListener('abort', () => {
        const at = queue.indexOf(waiting)
        if (at < 0) return
        queue.splice(at, 1)
        aborted()
      })
      queue.push(waiting)
      queueMicrotask(next)
    })
  return { request: request as unknown as ElectionLocks['request'] }
}
