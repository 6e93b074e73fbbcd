import { refusalCodes } from '@sealbook/schema/upload'
import { describe, expect, it } from 'vitest'
import { differencesOf, factsOf, type ValueWords } from './problem-differences.ts'
import { choiceWords, decidedWords } from './decision-words.ts'
import {
  makerWords,
  needsEdit,
  problemSentence,
  problemTitle,
  refusalAdvice,
  type ClashCause,
  type Maker,
  type OwedCause,
  type Problem,
} from './problem-sentence.ts'

const bookShop = { payee: 'Book shop', amount: '-6420', account_id: 'a', note: null }
const cause: ClashCause = {
  kind: 'clash',
  conflictId: 1,
  table: 'transactions',
  fields: [['amount']],
  madeBy: null,
}
const several: ClashCause = { ...cause, fields: [['amount'], ['payee']] }
const clash: Problem = {
  key: 'clash 1',
  at: 0,
  table: 'transactions',
  rowId: 'r',
  cause,
  base: null,
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

const owed = (kind: OwedCause['owed'], theirs: Problem['theirs'], ground: OwedCause['ground']) =>
  problemSentence({
    ...clash,
    theirs,
    cause: { kind: 'owed', owed: kind, ground, table: 'transactions' },
  })
const fault = (mine: Problem['mine']) =>
  problemSentence({ ...clash, mine, cause: { kind: 'fault', state: 'tampered' } })

describe('problemTitle', () => {
  it('names the row as the person did', () => {
    expect(problemTitle(clash)).toBe('Transaction “Book shop”')
    expect(
      problemTitle({ ...clash, table: 'accounts', mine: null, theirs: { name: 'Cash' } }),
    ).toBe('Account “Cash”')
  })

  it('lets no name turn the quotation mark behind it', () => {
    expect(problemTitle({ ...clash, mine: { payee: 'Shop\u202e' } })).toBe('Transaction “Shop”')
  })

  it('does without a name, and with a table of a newer version', () => {
    expect(problemTitle({ ...clash, mine: null, theirs: null })).toBe('Transaction')
    expect(problemTitle({ ...clash, table: 'newer', mine: null, theirs: null })).toBe('Entry')
  })
})

describe('problemSentence', () => {
  it('says "not shown" only of a row that is not', () => {
    expect(fault(null)).toContain('not shown')
    expect(fault(bookShop)).not.toContain('not shown')
    expect(fault(bookShop)).toContain('shows the last version')
  })

  it('says what the server did with a row that it owes, and no more than is known', () => {
    expect(owed('lost', null, 'acknowledged')).toContain('or somebody deleted it')
    expect(owed('lost', bookShop, 'acknowledged')).toContain('another version')
    expect(owed('lost', null, 'break')).toContain('earlier state')
    expect(owed('returned', bookShop, 'accepted')).toContain('stays deleted')
    expect(owed('forked', bookShop, 'accepted')).toContain('same number')
  })

  it('has words for every refusal, without the code in them', () => {
    for (const code of refusalCodes) {
      const sentence = problemSentence(refusal(code))
      expect(sentence.length, code).toBeGreaterThan(20)
      expect(sentence, code).not.toContain(code)
      expect(refusalAdvice(code)).toMatch(/try again/i)
      expect(needsEdit(code)).toBe(refusalAdvice(code).startsWith('Edit it'))
    }
    const sentences = refusalCodes.map((code) => problemSentence(refusal(code)))
    expect(new Set(sentences).size).toBe(refusalCodes.length)
    const unknown = problemSentence(refusal('of-a-newer-server'))
    expect(sentences).not.toContain(unknown)
    expect(unknown).toContain('kept here')
  })

  it('names the columns that cannot be used, and never their values', () => {
    const cause = { kind: 'unruly', columns: ['amount', 'account_id'] } as const
    const sentence = problemSentence({
      ...clash,
      cause,
      mine: { ...bookShop, amount: '9'.repeat(19) },
    })
    expect(sentence).toContain('cannot use: amount, account.')
    expect(sentence).not.toContain('999')
  })

  it('says what of a transaction does not fit', () => {
    const cause = { kind: 'misfit', misfits: ['split', 'rate'] } as const
    const sentence = problemSentence({ ...clash, cause })
    expect(sentence).toContain('do not make up the whole')
    expect(sentence).toContain('is not this amount at its rate')
  })

  it('tells deleting from changing, on either side', () => {
    expect(problemSentence({ ...clash, mine: null })).toContain('You deleted it here')
    expect(problemSentence({ ...clash, theirs: null })).toContain('deleted on another device')
  })

  it('tells another member’s change from one’s own on another device', () => {
    const by = (madeBy: Maker) => problemSentence({ ...clash, cause: { ...cause, madeBy } })
    expect(by('another-member')).toContain('another member changed it too')
    expect(by('me')).toContain('on another device too')
    expect(makerWords('me')).toBe('You, on another device')
    expect(makerWords('another-member')).toBe('Another member')
    expect(makerWords(null)).toBe('Another device')
  })

  it('names what each choice does, and did', () => {
    expect(choiceWords(clash, 'mine')).toBe('Keep mine')
    expect(choiceWords({ ...clash, cause: several }, 'mine')).toBe('Keep all mine')
    expect(choiceWords({ ...clash, cause: several }, 'theirs')).toBe('Keep all theirs')
    expect(choiceWords({ ...clash, mine: null }, 'mine')).toBe('Delete it')
    expect(choiceWords({ ...clash, theirs: null }, 'mine')).toBe('Bring it back')
    expect(decidedWords({ ...clash, theirs: null }, 'theirs')).toBe('Left deleted')
    expect(decidedWords(clash, 'both')).toBe('Both kept')
  })
})

describe('differencesOf', () => {
  it('shows what differs and nothing else', () => {
    expect(differencesOf('transactions', clash.mine, clash.theirs, words)).toEqual([
      { column: 'amount', label: 'Amount', mine: 'EUR -6420', theirs: 'EUR -7035' },
    ])
  })

  it('takes an absent value and null as the same, and says when one is empty', () => {
    expect(
      differencesOf(
        'transactions',
        bookShop,
        { payee: 'Book shop', amount: '-6420', account_id: 'a' },
        words,
      ),
    ).toEqual([])
    expect(
      differencesOf('transactions', bookShop, { ...bookShop, note: 'gift' }, words),
    ).toMatchObject([{ label: 'Note', mine: 'Nothing', theirs: 'gift' }])
  })

  it('keeps every digit of a large amount', () => {
    const large = { ...bookShop, amount: '9000000000000055' }
    expect(differencesOf('transactions', large, bookShop, words)[0]?.mine).toBe(
      'EUR 9000000000000055',
    )
  })

  it('has nothing to compare when one side is gone', () => {
    expect(differencesOf('transactions', null, bookShop, words)).toEqual([])
  })

  it('has a label for every column, and the amounts of every table', () => {
    const loan = { currency: 'EUR', principal: '500', term_months: '12', started_on: '2026-01-01' }
    const other = { currency: 'EUR', principal: '600', term_months: '24', started_on: '2026-01-02' }
    expect(differencesOf('loans', loan, other, words)).toEqual([
      { column: 'principal', label: 'Sum', mine: 'EUR 500', theirs: 'EUR 600' },
      { column: 'started_on', label: 'Started on', mine: '2026-01-01', theirs: '2026-01-02' },
      { column: 'term_months', label: 'Term months', mine: '12', theirs: '24' },
    ])
  })
})

describe('factsOf', () => {
  it('says by what a person knows the row, without what is in dispute', () => {
    const mine = { ...bookShop, occurred_on: '2026-03-01' }
    expect(factsOf({ ...clash, mine, theirs: { ...mine, amount: '-1' } }, words)).toEqual([
      '2026-03-01',
      'Everyday',
    ])
    expect(factsOf({ ...clash, mine, theirs: null }, words)).toEqual([
      'EUR -6420',
      '2026-03-01',
      'Everyday',
    ])
  })
})

describe('a header or a code that nothing has proved', () => {
  it('is no reason to look for an update', () => {
    const cause = { kind: 'fault', state: 'stale-key' } as const
    for (const mine of [clash.mine, null]) {
      const sentence = problemSentence({ ...clash, mine, cause })
      expect(sentence).not.toMatch(/update/i)
      expect(sentence).toContain('changed on the way')
    }
    for (const code of ['invalid-operation', 'of-another-server']) {
      expect(refusalAdvice(code)).not.toMatch(/update/i)
    }
  })
})
