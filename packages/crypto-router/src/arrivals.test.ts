import { describe, expect, it } from 'vitest'
import { judgeArrival, type Arrived, type Owed, type Remembered } from './arrivals.ts'

const nothing: Remembered = { owed: null, accepted: 0, acceptedSeal: null, gone: null }
const known: Remembered = { ...nothing, accepted: 3, acceptedSeal: 'three' }
const receipt: Owed = { state: 'receipt', ground: 'acknowledged', seal: 'four', revision: 4 }
const deletion: Owed = { ...receipt, seal: null }
const row = (revision: number, seal: string, isSame = false): Arrived => {
  return { revision, seal, isSame }
}

const kindOf = (remembered: Remembered, arrived: Arrived | null, isBroken = false) =>
  judgeArrival(remembered, arrived, isBroken).kind

describe('judgeArrival', () => {
  it.each([
    ['a new row', nothing, row(1, 'one'), 'accept'],
    ['the same again', known, row(3, 'three'), 'accept'],
    ['a newer one', known, row(4, 'other'), 'accept'],
    ['a row that is gone', known, null, 'accept'],
    ['an older one', known, row(2, 'two'), 'rolled-back'],
    ['the accepted revision with another seal', known, row(3, 'other'), 'forked'],
    [
      'one whose accepted seal is not known',
      { ...known, acceptedSeal: null },
      row(3, 'x'),
      'accept',
    ],
    ['a deleted row', { ...known, gone: 4 }, row(4, 'x'), 'returned'],
    ['a deleted row that was brought back', { ...known, gone: 4 }, row(5, 'x'), 'accept'],
    ['what was acknowledged', { ...known, owed: receipt }, row(4, 'four'), 'accept'],
    ['what was built on it', { ...known, owed: receipt }, row(5, 'five'), 'accept'],
    ['the row from before it', { ...known, owed: receipt }, row(3, 'three'), 'lost'],
    ['another row in its place', { ...known, owed: receipt }, row(4, 'other'), 'lost'],
    ['nothing in its place', { ...known, owed: receipt }, null, 'lost'],
    ['nothing after a delete', { ...known, owed: deletion }, null, 'accept'],
    ['the row after its delete', { ...known, owed: deletion }, row(3, 'three'), 'returned'],
  ] as const)('of %s', (_what, remembered, arrived, kind) => {
    expect(kindOf(remembered, arrived)).toBe(kind)
  })

  it('after a break takes nothing for a delete, and no version for a successor', () => {
    expect(kindOf(known, null, true)).toBe('lost')
    expect(kindOf(known, row(2, 'two'), true)).toBe('lost')
    expect(kindOf({ ...known, gone: 4 }, row(3, 'three'), true)).toBe('returned')
    expect(kindOf(known, row(3, 'three'), true)).toBe('accept')
    expect(kindOf(known, row(4, 'four'), true)).toBe('lost')
    expect(kindOf(known, row(4, 'four', true), true)).toBe('accept')
    expect(kindOf(nothing, row(4, 'four'), true)).toBe('accept')
    expect(kindOf({ ...known, acceptedSeal: null }, row(3, 'x'), true)).toBe('accept')
    expect(kindOf({ ...known, gone: 4 }, row(9, 'nine'), true)).toBe('returned')
    expect(kindOf({ ...known, owed: receipt }, row(5, 'five'), true)).toBe('lost')
    expect(kindOf({ ...known, owed: receipt }, row(5, 'five', true), true)).toBe('accept')
    expect(kindOf({ ...known, owed: deletion }, row(9, 'nine'), true)).toBe('returned')
  })

  it('stays with what it found until the server has what it owes', () => {
    const lost = { ...known, owed: { ...receipt, state: 'lost' as const } }
    expect(kindOf(lost, null)).toBe('lost')
    expect(kindOf(lost, row(3, 'three'))).toBe('lost')
    expect(kindOf(lost, row(4, 'four'))).toBe('accept')
    const forked = { ...known, owed: { ...receipt, state: 'forked' as const } }
    expect(kindOf(forked, row(4, 'other'))).toBe('forked')
    expect(kindOf(forked, null)).toBe('lost')
  })

  it('takes no later version for a successor of what the server was found without', () => {
    const lost = { ...known, owed: { ...receipt, state: 'lost' as const } }
    expect(kindOf(lost, row(9, 'nine'))).toBe('lost')
    expect(kindOf(lost, row(9, 'nine', true))).toBe('accept')
    const forked = { ...known, owed: { ...receipt, state: 'forked' as const } }
    expect(kindOf(forked, row(9, 'nine'))).toBe('forked')
    const returned = { ...known, owed: { ...deletion, state: 'returned' as const } }
    expect(kindOf(returned, row(9, 'nine'))).toBe('returned')
    expect(kindOf(returned, null)).toBe('accept')
  })

  it('takes a row that is gone for no answer where the seal of the lost one is not known', () => {
    const lost = { ...known, owed: { ...receipt, seal: null, state: 'lost' as const } }
    expect(kindOf(lost, null)).toBe('lost')
    expect(kindOf(lost, row(3, 'three'))).toBe('lost')
  })
})
