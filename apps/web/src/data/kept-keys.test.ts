import {
  createRecoveryKeySlot,
  generateDataKey,
  generateRecoveryKey,
  generateUserKey,
  loadCrypto,
  wrapDataKey,
  type KeySlot,
} from '@sealbook/crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { openWorkspaces } from './key-ring.ts'
import {
  addOffers,
  addOwn,
  markDataKeys,
  markSlot,
  missingOn,
  noKeptKeys,
  slotsToTry,
  type KeptKeys,
} from './kept-keys.ts'
import type { KeyBundle } from './keys-api.ts'

beforeAll(loadCrypto)

const userId = '33333333-3333-4333-8333-333333333333'
const workspaceId = '11111111-1111-4111-8111-111111111111'

const recoverySlot = (version = 1): KeySlot =>
  createRecoveryKeySlot({
    id: crypto.randomUUID(),
    userId,
    userKey: generateUserKey(),
    recoveryKey: generateRecoveryKey(),
    version,
  })
const offer = (slots: readonly KeySlot[]): KeyBundle => ({ slots, workspaces: [] })
const flip = (text: string, at: number) => {
  const place = at % text.length
  return text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)
}

describe('kept slots', () => {
  it('stay what they are for any answer', () => {
    const [good, first] = [recoverySlot(), recoverySlot()]
    const opened = markSlot(addOffers(noKeptKeys, offer([good])), good)
    const untried = addOffers(noKeptKeys, offer([first]))
    const answers = [
      offer([]),
      offer([{ ...good, wrapped: flip(good.wrapped, 20) }]),
      offer([{ ...good, id: crypto.randomUUID() }]),
      ...Array.from({ length: 12 }, () => offer([recoverySlot()])),
    ]
    for (const [kept, slot] of [
      [opened, good],
      [untried, first],
    ] as const) {
      const after = answers.reduce(addOffers, kept)
      expect(after.slots.map((held) => held.slot)).toContainEqual(slot)
      expect(after.slots.length).toBeLessThanOrEqual(3)
    }
    expect(slotsToTry(answers.reduce(addOffers, opened), 'recovery-key')[0]).toEqual(good)
  })

  it('are replaced by the successor that opened, which no old one replaces again', () => {
    const [old, next, later] = [recoverySlot(), recoverySlot(2), recoverySlot(3)]
    const before = markSlot(addOffers(noKeptKeys, offer([old])), old)
    const offered = addOffers(addOffers(before, offer([next])), offer([later]))
    expect(slotsToTry(offered, 'recovery-key')).toEqual([old, later, next])
    const after = markSlot(offered, next)
    expect(slotsToTry(after, 'recovery-key')).toEqual([next, later])
    const replayed = addOffers(after, offer([{ ...old, version: 9 }]))
    expect(slotsToTry(replayed, 'recovery-key')).toEqual([next, later])
  })

  it('are the same slot at another version of the server', () => {
    const slot = recoverySlot()
    const kept = addOwn(noKeptKeys, offer([slot]))
    expect(addOffers(kept, offer([{ ...slot, version: 7 }]))).toBe(kept)
    expect(markSlot(kept, { ...slot, version: 7 })).toBe(kept)
  })
})

describe('kept data keys', () => {
  const userKey = () => generateUserKey()

  it('open the same workspace whatever is offered beside them', () => {
    const key = userKey()
    const place = { userKey: key, userId, workspaceId, keyVersion: 1 }
    const dataKey = generateDataKey()
    const good = { keyVersion: 1, wrapped: wrapDataKey({ ...place, dataKey }) }
    const other = wrapDataKey({ ...place, dataKey: generateDataKey() })
    const settled: KeptKeys = addOwn(noKeptKeys, {
      slots: [],
      workspaces: [{ workspaceId, dataKeys: [good] }],
    })
    const fields = openWorkspaces(key, userId, settled).workspaces[0]?.byVersion.get(1)?.fields
    const bogus = fc.oneof(
      fc.nat(120).map((at) => ({ keyVersion: 1, wrapped: flip(good.wrapped, at) })),
      fc.constant({ keyVersion: 1, wrapped: other }),
      fc.integer({ min: 0, max: 9 }).map((keyVersion) => ({ keyVersion, wrapped: 'bogus' })),
    )
    const bundle = fc.record({
      slots: fc.constant([]),
      workspaces: fc.array(
        fc.record({
          workspaceId: fc.constantFrom(workspaceId, userId),
          dataKeys: fc.array(bogus, { maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
    })
    fc.assert(
      fc.property(fc.array(bundle, { maxLength: 8 }), (answers) => {
        const kept = answers.reduce<KeptKeys>((held, answer) => {
          const offered = addOffers(held, answer)
          return markDataKeys(offered, openWorkspaces(key, userId, offered).opened)
        }, settled)
        const [workspace, ...more] = openWorkspaces(key, userId, kept).workspaces
        expect(more).toEqual([])
        expect(workspace?.current).toBe(1)
        expect(workspace?.byVersion.get(1)?.fields).toEqual(fields)
      }),
    )
  })

  it('are offered back where the server lists none, only once they have opened', () => {
    const wrapped = 'x'.repeat(99)
    const listed = {
      slots: [],
      workspaces: [{ workspaceId, dataKeys: [{ keyVersion: 1, wrapped }] }],
    }
    const untried = addOffers(noKeptKeys, listed)
    expect(missingOn({ slots: [], workspaces: [] }, untried).workspaces).toEqual([])
    const good = markDataKeys(untried, untried.dataKeys)
    expect(missingOn({ slots: [], workspaces: [] }, good)).toEqual(listed)
    expect(missingOn(listed, good).workspaces).toEqual([])
    const emptied = { slots: [], workspaces: [{ workspaceId, dataKeys: [] }] }
    expect(missingOn(emptied, good)).toEqual(listed)
  })
})
