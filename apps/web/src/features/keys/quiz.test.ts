import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawQuiz, parseRecoveryWords, wrongAnswers } from './quiz.ts'

const words = Array.from({ length: 24 }, (_, at) => `word${String.fromCharCode(97 + at)}`)

describe('drawQuiz', () => {
  it('asks for two different words of the 24, whatever is drawn', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 2 }),
        (draws) => {
          let at = 0
          const quiz = drawQuiz(24, 2, () => draws[at++ % draws.length] ?? 0)
          expect(new Set(quiz).size).toBe(2)
          expect(quiz.every((position) => position >= 0 && position < 24)).toBe(true)
          expect((quiz[0] ?? 0) < (quiz[1] ?? 0)).toBe(true)
        },
      ),
    )
  })

  it('can ask for every word', () => {
    expect(drawQuiz(3, 3, () => 0)).toEqual([0, 1, 2])
  })
})

describe('wrongAnswers', () => {
  it('accepts the right words in any case, with space around them', () => {
    expect(
      wrongAnswers(
        words,
        new Map([
          [0, ' WordA '],
          [23, 'wordx'],
        ]),
      ),
    ).toEqual([])
  })

  it('names the positions that are wrong, empty ones too', () => {
    expect(
      wrongAnswers(
        words,
        new Map([
          [0, 'wordb'],
          [5, ''],
          [6, 'wordg'],
        ]),
      ),
    ).toEqual([0, 5])
  })
})

describe('parseRecoveryWords', () => {
  it('reads a pasted kit with numbers and line breaks', () => {
    expect(parseRecoveryWords(' 1. Abandon\n 2. ability,\t3) able ')).toEqual([
      'abandon',
      'ability',
      'able',
    ])
  })

  it('finds nothing in nothing', () => {
    expect(parseRecoveryWords('  \n ')).toEqual([])
  })
})
