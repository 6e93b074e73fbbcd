import { describe, expect, it } from 'vitest'
import { recoveryKeyFromWords, type RecoveryWordsError } from '@sealbook/crypto'
import { unlockSentence } from './unlock-sentence.ts'

/** 256 zero bits. */
const words: readonly string[] = [...Array.from({ length: 23 }, () => 'abandon'), 'art']

describe('a refused recovery key', () => {
  it('says how many words are missing, or too many', () => {
    expect(say(words.slice(0, 23))).toBe('1 word is missing: these are 23 of 24.')
    expect(say(words.slice(0, 20))).toBe('4 words are missing: these are 20 of 24.')
    expect(say([...words, 'art'])).toMatch(/^These are 25 words, 1 too many/)
  })

  it('says which word is mistyped, without repeating it', () => {
    const mistyped = words.with(4, 'abandom')
    expect(say(mistyped)).toMatch(/^Word 5 is not a word/)
    expect(say(mistyped)).not.toContain('abandom')
  })

  it('says both where two words ran together', () => {
    const joined = [...words.slice(0, 2), 'abandonabandon', ...words.slice(4)]
    expect(say(joined)).toMatch(/^1 word is missing.*Word 3 is not a word/)
  })

  it('says that known words do not belong together', () => {
    expect(say(words.with(7, 'art'))).toMatch(/swapped/)
  })
})

function say(typed: readonly string[]): string {
  const key = recoveryKeyFromWords(typed)
  const fault = key.ok ? undefined : (key.error satisfies RecoveryWordsError)
  if (fault === undefined) throw new Error('these words are a key')
  return unlockSentence({ kind: 'malformed-recovery-key', fault })
}
