import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointNumbers } from './checkpoint-numbers.ts'

type Step =
  | { kind: 'give'; ahead: number }
  | { kind: 'announce'; further: number }
  | { kind: 'clock'; by: number }
  | { kind: 'restart' }

const step = fc.oneof(
  fc.record({ kind: fc.constant('give' as const), ahead: fc.nat(5) }),
  fc.record({ kind: fc.constant('announce' as const), further: fc.nat(5) }),
  fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -50, max: 50 }) }),
  fc.record({ kind: fc.constant('restart' as const) }),
)

describe('numbers of write checkpoints', () => {
  it('are announced no sooner and no later than the log has passed, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps: Step[]) => {
        let clock = 1_000
        let lsn = 10n
        let announced = 0n
        let numbers = new CheckpointNumbers(0n, () => clock)
        let waiting: { number: bigint; lsn: bigint }[] = []
        const announce = () => {
          const number = numbers.announceAt(lsn)
          expect(number >= announced).toBe(true)
          announced = number
          for (const one of waiting) expect(one.number <= number).toBe(one.lsn <= lsn)
          waiting = waiting.filter((one) => one.lsn > lsn)
        }
        for (const one of steps) {
          if (one.kind === 'clock') clock += one.by
          else if (one.kind === 'give') {
            const at = lsn + BigInt(one.ahead)
            const number = numbers.give(at)
            expect(number > announced).toBe(true)
            // A later request is never for less of the log.
            const least = waiting.at(-1)?.lsn ?? 0n
            waiting.push({ number, lsn: at > least ? at : least })
          } else if (one.kind === 'announce') {
            lsn += BigInt(one.further)
            announce()
          } else {
            // The next life reads the log to its end before it serves.
            lsn = waiting.reduce((end, { lsn: at }) => (at > end ? at : end), lsn)
            numbers = new CheckpointNumbers(numbers.highest, () => clock)
            announce()
          }
        }
      }),
    )
  })

  it('begin above what was stored a while ago, when the clock went back', () => {
    const stored = 5_000n * 1_000_000n
    const later = new CheckpointNumbers(stored, () => 1_000)
    expect(later.announceAt(0n) > stored + 30_000n * 1_000_000n).toBe(true)
  })

  it('are the clock’s when it is right, however often the server starts', () => {
    let stored = 0n
    for (let start = 0; start < 100; start++) {
      const numbers = new CheckpointNumbers(stored, () => 1_000 + start)
      numbers.give(1n)
      stored = numbers.highest
    }
    expect(stored).toBe(1_099n * 1_000_000n)
  })
})
