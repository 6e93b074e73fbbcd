import { describe, expect, it } from 'vitest'
import { brakeAnswerWords, brakeHeading, brakeSentence } from './brake-words.ts'

const incoming = {
  direction: 'in',
  ground: 'many',
  table: 'transactions',
  rows: 312,
  of: 900,
} as const
const outgoing = { ...incoming, direction: 'out' } as const
const withheld = { ...incoming, ground: 'workspace' } as const

describe('a brake', () => {
  it('says how many rows of what, and what has not happened yet', () => {
    expect(brakeHeading(incoming)).toBe('The server says that 312 of 900 transactions were deleted')
    expect(brakeHeading(outgoing)).toBe(
      '312 of 900 transactions are about to be deleted everywhere',
    )
    expect(brakeHeading(withheld)).toContain('no longer sends')
    for (const brake of [incoming, outgoing, withheld])
      expect(brakeSentence(brake)).toContain('yet')
  })

  it('offers to delete and to keep, and promises no sending where there is none', () => {
    expect(brakeAnswerWords(outgoing, 'delete')).toBe('Delete them')
    expect(brakeAnswerWords(incoming, 'keep')).toBe('Keep them')
    expect(brakeAnswerWords(withheld, 'keep')).toBe('Keep them here')
    expect(brakeSentence(withheld)).not.toContain('sent')
  })
})
