import { refusalCodes } from '@sealbook/schema/upload'
import { describe, expect, it } from 'vitest'
import { differencesOf, type ValueWords } from './problem-differences.ts'
import { isChoice, problemSentence, problemTitle, type Problem } from './problem-sentence.ts'

const bookShop = { payee: 'Book shop', amount: '-6420', account_id: 'a', note: null }
const clash: Problem = {
  key: 'clash 1',
  at: 0,
  table: 'transactions',
  rowId: 'r',
  cause: { kind: 'clash' },
  mine: bookShop,
  theirs: { ...bookShop, amount: '-7035' },
}
const refusal = (code: string): Problem => ({ ...clash, cause: { kind: 'refusal', id: 1, code } })

const words: ValueWords = {
  money: (amountMinor, currency) => `${currency} ${amountMinor}`,
  date: (day) => day,
  account: (id) => (id === 'a' ? { name: 'Everyday', currency: 'EUR' } : undefined),
  category: () => undefined,
}

describe('problemTitle', () => {
  it('names the row as the person did', () => {
    expect(problemTitle(clash)).toBe('Transaction “Book shop”')
    expect(
      problemTitle({ ...clash, table: 'accounts', mine: null, theirs: { name: 'Cash' } }),
    ).toBe('Account “Cash”')
  })

  it('does without a name, and with a table of a newer version', () => {
    expect(problemTitle({ ...clash, mine: null, theirs: null })).toBe('Transaction')
    expect(problemTitle({ ...clash, table: 'debts', mine: null, theirs: null })).toBe('Entry')
  })
})

describe('problemSentence', () => {
  it('has words for every refusal, without the code in them', () => {
    for (const code of refusalCodes) {
      const sentence = problemSentence(refusal(code))
      expect(sentence.length, code).toBeGreaterThan(20)
      expect(sentence, code).not.toContain(code)
    }
  })

  it('tells deleting from changing, on either side', () => {
    expect(problemSentence({ ...clash, mine: null })).toContain('You deleted it here')
    expect(problemSentence({ ...clash, theirs: null })).toContain('deleted on another device')
    expect(problemSentence(refusal('conflict'))).toBe(problemSentence(clash))
  })

  it('offers a choice only between two versions', () => {
    expect(isChoice(clash)).toBe(true)
    expect(isChoice(refusal('conflict'))).toBe(true)
    expect(isChoice(refusal('forbidden'))).toBe(false)
    expect(isChoice({ ...clash, cause: { kind: 'fault', state: 'tampered' } })).toBe(false)
  })
})

describe('differencesOf', () => {
  it('shows what differs and nothing else', () => {
    expect(differencesOf(clash.mine, clash.theirs, words)).toEqual([
      { label: 'Amount', mine: 'EUR -6420', theirs: 'EUR -7035' },
    ])
  })

  it('takes an absent value and null as the same, and says when one is empty', () => {
    expect(
      differencesOf(bookShop, { payee: 'Book shop', amount: '-6420', account_id: 'a' }, words),
    ).toEqual([])
    expect(differencesOf(bookShop, { ...bookShop, note: 'gift' }, words)).toEqual([
      { label: 'Note', mine: 'Nothing', theirs: 'gift' },
    ])
  })

  it('keeps every digit of a large amount', () => {
    const large = { ...bookShop, amount: '9000000000000055' }
    expect(differencesOf(large, bookShop, words)[0]?.mine).toBe('EUR 9000000000000055')
  })

  it('has nothing to compare when one side is gone', () => {
    expect(differencesOf(null, bookShop, words)).toEqual([])
  })
})
