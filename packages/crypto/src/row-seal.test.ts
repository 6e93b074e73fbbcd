import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  computeRowSeal,
  decodeBase64url,
  encodeBase64url,
  loadCrypto,
  verifyRowSeal,
  type SealedRow,
} from './index.ts'
import { flipBit, freshKeys } from './testing.ts'

beforeAll(loadCrypto)

const workspaceId = '0192d3a4-0000-7000-8000-0000000000aa'
const row: SealedRow = {
  workspaceId,
  table: 'transactions',
  id: 'row-1',
  revision: 7,
  columns: {
    account_id: 'a',
    category_id: null,
    occurred_on: '2026-11-22',
    created_at: 1_795_305_600_000,
    amount: 'AQEAAAAB'.repeat(13),
    note: 'AQEAAAAC'.repeat(400),
  },
}
const name = fc.stringMatching(/^[a-z_]{1,20}$/).filter((each) => !separate.has(each))
const separate = new Set(['id', 'workspace_id', 'revision', 'seal'])
const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.constant(null))
const anyRow: fc.Arbitrary<SealedRow> = fc.record({
  workspaceId: fc.constant(workspaceId),
  table: fc.string(),
  id: fc.string(),
  revision: fc.maxSafeNat(),
  columns: fc.dictionary(name, cell),
})

describe('row seal', () => {
  it('verifies the row that it was computed for, whatever the order of its columns', () => {
    const { keys, first } = freshKeys()
    fc.assert(
      fc.property(anyRow, (sealed) => {
        const seal = computeRowSeal(first, sealed)
        expect(seal).toHaveLength(50)
        const columns = Object.fromEntries(Object.entries(sealed.columns).reverse())
        expect(verifyRowSeal(keys, { ...sealed, columns }, seal).ok).toBe(true)
      }),
    )
  })

  it('refuses every changed, added or removed column', () => {
    const { keys, first } = freshKeys()
    fc.assert(
      fc.property(anyRow, name, cell, (sealed, column, value) => {
        const held = new Map(Object.entries(sealed.columns)) // also of a column named "constructor"
        const before = held.get(column) ?? null
        fc.pre(before !== value)
        const changed = { ...sealed, columns: { ...sealed.columns, [column]: value } }
        const seal = computeRowSeal(first, sealed)
        expect(verifyRowSeal(keys, changed, seal)).toEqual(notAuthentic)
        expect(verifyRowSeal(keys, sealed, computeRowSeal(first, changed))).toEqual(notAuthentic)
      }),
    )
  })

  it('refuses values that were exchanged between columns', () => {
    const { keys, first } = freshKeys()
    const seal = computeRowSeal(first, row)
    const { account_id, occurred_on } = row.columns
    const columns = { ...row.columns, account_id: occurred_on ?? '', occurred_on: account_id ?? '' }
    expect(verifyRowSeal(keys, { ...row, columns }, seal)).toEqual(notAuthentic)
  })

  it('tells a number from the text that looks like it', () => {
    const { keys, first } = freshKeys()
    const seal = computeRowSeal(first, { ...row, columns: { n: 5 } })
    expect(verifyRowSeal(keys, { ...row, columns: { n: '5' } }, seal)).toEqual(notAuthentic)
  })

  it.each([
    ['workspace', { workspaceId: 'other' }],
    ['table', { table: 'accounts' }],
    ['id', { id: 'row-2' }],
    ['revision', { revision: 8 }],
  ])('refuses another %s', (_, change) => {
    const { keys, first } = freshKeys()
    const seal = computeRowSeal(first, row)
    expect(verifyRowSeal(keys, { ...row, ...change }, seal)).toEqual(notAuthentic)
  })

  it('is the same whether a column is null or missing', () => {
    const { first } = freshKeys()
    const columns = Object.fromEntries(
      Object.entries(row.columns).filter(([, value]) => value !== null),
    )
    expect(computeRowSeal(first, { ...row, columns })).toBe(computeRowSeal(first, row))
  })

  it('takes id, workspace, revision and seal from the row, never from its columns', () => {
    const { first } = freshKeys()
    const whole = { ...row.columns, id: 'x', workspace_id: 'y', revision: 1, seal: 'z' }
    expect(computeRowSeal(first, { ...row, columns: whole })).toBe(computeRowSeal(first, row))
  })

  it('refuses any flipped bit of the seal', () => {
    const { keys, first } = freshKeys()
    const seal = decodeBase64url(computeRowSeal(first, row)) ?? new Uint8Array()
    for (let bit = 0; bit < seal.length * 8; bit++) {
      expect(verifyRowSeal(keys, row, encodeBase64url(flipBit(seal, bit))).ok).toBe(false)
    }
  })

  it('refuses another key, and names a missing one', () => {
    const { keys, first, second } = freshKeys()
    const seal = computeRowSeal(first, row)
    const swapped = { ...keys, byVersion: new Map([[1, { ...second, keyVersion: 1 }]]) }
    expect(verifyRowSeal(swapped, row, seal)).toEqual(notAuthentic)
    const none = { ...keys, byVersion: new Map() }
    expect(verifyRowSeal(none, row, seal)).toEqual({
      ok: false,
      error: { kind: 'missing-dek', keyVersion: 1 },
    })
  })

  it('refuses what is no seal, and rows that no author could have sealed', () => {
    const { keys, first } = freshKeys()
    const seal = computeRowSeal(first, row)
    const inputs = ['', seal.slice(1), `${seal}A`, `${seal.slice(0, -1)}=`, 'x'.repeat(50), null]
    for (const input of inputs) {
      expect(verifyRowSeal(keys, row, input as string).ok).toBe(false)
    }
    const unknown = `A${seal.slice(1)}`
    expect(verifyRowSeal(keys, row, unknown.replace(/^../, 'Ag'))).toEqual({
      ok: false,
      error: { kind: 'unsupported-version', version: 2 },
    })
    for (const value of [0.5, NaN, Infinity, 2 ** 53, true, {}, 5n]) {
      const odd = { ...row, columns: { n: value as number } }
      expect(verifyRowSeal(keys, odd, seal)).toEqual({ ok: false, error: { kind: 'malformed' } })
      expect(() => computeRowSeal(first, odd)).toThrow(TypeError)
    }
    const odd = { ...row, revision: 1.5 }
    expect(verifyRowSeal(keys, odd, seal)).toEqual({ ok: false, error: { kind: 'malformed' } })
  })

  it('survives rows larger than its room, before and after', () => {
    const { keys, first } = freshKeys()
    const large = { ...row, columns: { note: 'é'.repeat(500_000) } }
    for (const each of [row, large, row]) {
      expect(verifyRowSeal(keys, each, computeRowSeal(first, each)).ok).toBe(true)
    }
  })
})

const notAuthentic = { ok: false, error: { kind: 'not-authentic' } }
