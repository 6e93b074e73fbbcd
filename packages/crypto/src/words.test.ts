import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  generatePassphrase,
  generateRecoveryKey,
  recoveryKeyFromWords,
  recoveryKeyToWords,
  type RecoveryKey,
} from './index.ts'

describe('recovery words', () => {
  it('are the ones of BIP-39 (its published vectors)', () => {
    const zeros = recoveryKeyToWords(new Uint8Array(32) as RecoveryKey)
    expect(zeros).toEqual([...Array<string>(23).fill('abandon'), 'art'])
    const ones = recoveryKeyToWords(new Uint8Array(32).fill(0xff) as RecoveryKey)
    expect(ones).toEqual([...Array<string>(23).fill('zoo'), 'vote'])
  })

  it('give the key back, whatever the case and the white space', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = Uint8Array.from(bytes) as RecoveryKey
        const words = recoveryKeyToWords(key)
        expect(words).toHaveLength(24)
        const typed = words.map((word) => ` ${word.toUpperCase()}\t`)
        expect(recoveryKeyFromWords(typed)).toEqual({ ok: true, value: key })
      }),
    )
  })

  it('are refused when one is missing, unknown or another', () => {
    const words = recoveryKeyToWords(new Uint8Array(32) as RecoveryKey)
    expect(recoveryKeyFromWords(words.slice(1))).toEqual({
      ok: false,
      error: { kind: 'wrong-count', count: 23, unknown: null },
    })
    expect(recoveryKeyFromWords(words.with(5, 'sealbook'))).toEqual({
      ok: false,
      error: { kind: 'unknown-word', position: 5 },
    })
    expect(recoveryKeyFromWords(words.with(23, 'abandon'))).toEqual({
      ok: false,
      error: { kind: 'wrong-checksum' },
    })
  })

  it('are new for every key', () => {
    expect(recoveryKeyToWords(generateRecoveryKey())).not.toEqual(
      recoveryKeyToWords(generateRecoveryKey()),
    )
  })
})

describe('passphrase', () => {
  it('has as many words as asked for, and six by default', () => {
    expect(generatePassphrase()).toMatch(/^([a-z]+ ){5}[a-z]+$/)
    expect(generatePassphrase(8).split(' ')).toHaveLength(8)
    expect(generatePassphrase()).not.toBe(generatePassphrase())
  })

  it('draws from the whole list', () => {
    expect(new Set(generatePassphrase(30_000).split(' ')).size).toBe(2_048)
  })
})
