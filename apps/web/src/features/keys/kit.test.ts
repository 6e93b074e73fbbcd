import { describe, expect, it } from 'vitest'
import { recoveryKitText } from './kit.ts'
import { parseRecoveryWords } from './quiz.ts'

const words = Array.from({ length: 24 }, (_, at) => 'abcdefghijklmnopqrstuvwx'.charAt(at).repeat(4))

describe('recoveryKitText', () => {
  const text = recoveryKitText({
    email: 'ada@example.org',
    words,
    madeOn: '2026-03-01',
    origin: 'https://ledger.example',
  })

  it('numbers every word', () => {
    words.forEach((word, at) => expect(text).toContain(`${at + 1}. ${word}`))
  })

  it('says whose it is and when it was made', () => {
    expect(text).toContain('ada@example.org')
    expect(text).toContain('2026-03-01')
  })

  it('holds each word once, so that a pasted column can be read back', () => {
    const found = parseRecoveryWords(text).filter((word) => words.includes(word))
    expect(found.toSorted()).toEqual(words.toSorted())
  })
})
