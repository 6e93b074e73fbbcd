import { describe, expect, it } from 'vitest'
import { missingFeatures, type Scope } from './required-features.ts'

const whole: Scope = {
  isSecureContext: true,
  WebAssembly: {},
  crypto: { subtle: {}, getRandomValues() {}, randomUUID() {} },
  navigator: { locks: {} },
  Worker: class {},
  BroadcastChannel: class {},
  MessageChannel: class {},
  ReadableStream: class {},
  structuredClone() {},
  AbortSignal: { timeout() {} },
  Array,
  Object,
  Intl,
}

describe('missingFeatures', () => {
  it('finds nothing missing where all is there', () => {
    expect(missingFeatures(whole)).toEqual([])
  })

  it('names each thing that is not', () => {
    expect(missingFeatures({ ...whole, WebAssembly: undefined })).toEqual(['WebAssembly'])
    expect(missingFeatures({ ...whole, navigator: {} })).toEqual(['Web Locks'])
    expect(missingFeatures({ ...whole, crypto: { getRandomValues() {} } })).toEqual([
      'Web Cryptography',
    ])
    expect(missingFeatures({ ...whole, Array: { prototype: { findLastIndex() {} } } })).toEqual([
      'Array.prototype.toSorted',
    ])
    expect(missingFeatures({ ...whole, Intl: { NumberFormat: {} } })).toEqual(['Intl'])
  })

  it('looks at an empty world without a fault', () => {
    expect(missingFeatures({}).length).toBeGreaterThan(10)
  })
})
