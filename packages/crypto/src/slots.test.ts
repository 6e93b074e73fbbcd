import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createRecoveryKeySlot,
  createSecretKeySlot,
  decodeBase64url,
  deriveKek,
  encodeBase64url,
  generateRecoveryKey,
  generateUserKey,
  kdfCeiling,
  kdfFloor,
  loadCrypto,
  newKdfParams,
  normaliseSecretKey,
  openRecoveryKeySlot,
  openSecretKeySlot,
  type KdfParams,
  type Kek,
  type KeySlot,
} from './index.ts'
import { flipBit } from './testing.ts'

const userId = 'user-1'
const userKey = generateUserKey()
const kdf = newKdfParams(kdfFloor)
let kek: Kek
let slot: KeySlot

beforeAll(async () => {
  await loadCrypto()
  kek = derived('six words of a person', kdf)
  slot = createSecretKeySlot({ id: 'slot-1', userId, userKey, kek, kdf, version: 1 })
})

function derived(secretKey: string, params: KdfParams): Kek {
  const result = deriveKek(secretKey, params)
  if (!result.ok) throw new Error(result.error.kind)
  return result.value
}

describe('secret-key slot', () => {
  it('opens with its secret key, however the white space was typed', () => {
    const again = derived('  six words\tof a\u00a0person ', kdf)
    expect(openSecretKeySlot(slot, userId, again)).toEqual({ ok: true, value: userKey })
  })

  it('survives JSON', () => {
    const stored = JSON.parse(JSON.stringify(slot)) as KeySlot
    expect(openSecretKeySlot(stored, userId, kek)).toEqual({ ok: true, value: userKey })
  })

  it('refuses a wrong secret key', () => {
    const wrong = derived('six words of a Person', kdf)
    expect(openSecretKeySlot(slot, userId, wrong)).toEqual(notAuthentic)
  })

  it('refuses another person, slot or kind', () => {
    expect(openSecretKeySlot(slot, 'user-2', kek)).toEqual(notAuthentic)
    expect(openSecretKeySlot({ ...slot, id: 'slot-2' }, userId, kek)).toEqual(notAuthentic)
    const other = { ...slot, kind: 'recovery-key' } as const
    expect(openSecretKeySlot(other, userId, kek)).toEqual({
      ok: false,
      error: { kind: 'wrong-kind' },
    })
  })

  it('refuses changed parameters, even with the key that they were made for', () => {
    const changes: Partial<KdfParams>[] = [
      { memoryKiB: kdf.memoryKiB + 1 },
      { passes: kdf.passes + 1 },
      { salt: newKdfParams().salt },
      { algorithm: 'argon2i13' as never },
    ]
    for (const change of changes) {
      expect(openSecretKeySlot({ ...slot, kdf: { ...kdf, ...change } }, userId, kek)).toEqual(
        notAuthentic,
      )
    }
    for (const odd of [null, { ...kdf, salt: 'AA' }, { ...kdf, passes: -1 }]) {
      expect(openSecretKeySlot({ ...slot, kdf: odd }, userId, kek)).toEqual(malformed)
    }
  })

  it('refuses any flipped bit', () => {
    const bytes = decodeBase64url(slot.wrapped) ?? new Uint8Array()
    expect(bytes).toHaveLength(74)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const wrapped = encodeBase64url(flipBit(bytes, bit))
      expect(openSecretKeySlot({ ...slot, wrapped }, userId, kek).ok).toBe(false)
    }
  })

  it('refuses what is no wrapped key', () => {
    for (const wrapped of ['', 'AQE', `${slot.wrapped}AA`, slot.wrapped.slice(2), 'not base64!']) {
      expect(openSecretKeySlot({ ...slot, wrapped }, userId, kek).ok).toBe(false)
    }
  })

  it('stays open to its version counter, which the server moves', () => {
    expect(openSecretKeySlot({ ...slot, version: 9 }, userId, kek).ok).toBe(true)
  })
})

describe('recovery-key slot', () => {
  it('opens with its recovery key and with no other', () => {
    const recoveryKey = generateRecoveryKey()
    const made = createRecoveryKeySlot({ id: 'slot-2', userId, userKey, recoveryKey, version: 1 })
    expect(made.kdf).toBeNull()
    expect(openRecoveryKeySlot(made, userId, recoveryKey)).toEqual({ ok: true, value: userKey })
    expect(openRecoveryKeySlot(made, userId, generateRecoveryKey())).toEqual(notAuthentic)
    expect(openRecoveryKeySlot({ ...made, kdf }, userId, recoveryKey)).toEqual(malformed)
  })
})

describe('key derivation', () => {
  it.each([
    ['less memory than the floor', { memoryKiB: kdfFloor.memoryKiB - 1 }, 'below-floor'],
    ['fewer passes than the floor', { passes: kdfFloor.passes - 1 }, 'below-floor'],
    ['more memory than the ceiling', { memoryKiB: kdfCeiling.memoryKiB + 1 }, 'above-ceiling'],
    ['more passes than the ceiling', { passes: kdfCeiling.passes + 1 }, 'above-ceiling'],
    ['a fraction', { passes: 3.5 }, 'malformed-params'],
    ['no number', { memoryKiB: NaN }, 'malformed-params'],
    ['a short salt', { salt: 'AAAA' }, 'malformed-params'],
    ['a salt that is not base64url', { salt: '+'.repeat(22) }, 'malformed-params'],
    ['another algorithm', { algorithm: 'argon2i13' }, 'unsupported-algorithm'],
  ])('refuses %s', (_, change, kind) => {
    const result = deriveKek('secret', { ...kdf, ...change } as KdfParams)
    expect(result).toMatchObject({ ok: false, error: { kind } })
  })

  it('refuses an empty secret key', () => {
    expect(deriveKek(' \t ', kdf)).toEqual({ ok: false, error: { kind: 'empty-secret-key' } })
  })

  it('normalises once and for all', () => {
    expect(normaliseSecretKey(' \u212bngstr\u00f6m \n ﬁne ')).toBe('Ångström fine')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = normaliseSecretKey(text)
        expect(normaliseSecretKey(once)).toBe(once)
      }),
    )
  })
})

const notAuthentic = { ok: false, error: { kind: 'not-authentic' } }
const malformed = { ok: false, error: { kind: 'malformed' } }
