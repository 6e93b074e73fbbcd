import { beforeAll, describe, expect, it } from 'vitest'
import {
  asDataKey,
  deriveRowKeys,
  generateDatabaseKey,
  generateDataKey,
  generateUserKey,
  loadCrypto,
  unwrapDatabaseKey,
  unwrapDataKey,
  wrapDatabaseKey,
  wrapDataKey,
} from './index.ts'

beforeAll(loadCrypto)

const userKey = generateUserKey()
const place = { userKey, userId: 'u', workspaceId: 'w', keyVersion: 1 }
const notAuthentic = { ok: false, error: { kind: 'not-authentic' } }

describe('wrapped data key', () => {
  it('opens where it belongs and nowhere else', () => {
    const dataKey = generateDataKey()
    const wrapped = wrapDataKey({ ...place, dataKey })
    expect(unwrapDataKey({ ...place, wrapped })).toEqual({ ok: true, value: dataKey })
    for (const change of [
      { userKey: generateUserKey() },
      { userId: 'v' },
      { workspaceId: 'v' },
      { keyVersion: 2 },
    ]) {
      expect(unwrapDataKey({ ...place, ...change, wrapped })).toEqual(notAuthentic)
    }
  })

  it('knows no key version outside 1 to 2^32 - 1', () => {
    const wrapped = wrapDataKey({ ...place, dataKey: generateDataKey() })
    for (const keyVersion of [0, -1, 1.5, 2 ** 32 + 1, NaN]) {
      const opened = unwrapDataKey({ ...place, keyVersion, wrapped })
      expect(opened).toEqual({ ok: false, error: { kind: 'malformed' } })
      expect(() => wrapDataKey({ ...place, keyVersion, dataKey: generateDataKey() })).toThrow()
      expect(() => deriveRowKeys(generateDataKey(), 'w', keyVersion)).toThrow()
    }
  })

  it('is not a wrapped database key, nor the other way round', () => {
    const databaseKey = generateDatabaseKey()
    const device = { userKey, userId: 'u', deviceId: 'w' }
    const wrapped = wrapDatabaseKey({ ...device, databaseKey })
    expect(unwrapDatabaseKey({ ...device, wrapped })).toEqual({ ok: true, value: databaseKey })
    expect(unwrapDatabaseKey({ ...device, deviceId: 'x', wrapped })).toEqual(notAuthentic)
    expect(unwrapDataKey({ ...place, wrapped })).toEqual(notAuthentic)
  })
})

describe('row keys', () => {
  it('differ by purpose, workspace and version', () => {
    const dataKey = generateDataKey()
    const all = [
      deriveRowKeys(dataKey, 'w', 1),
      deriveRowKeys(dataKey, 'v', 1),
      deriveRowKeys(dataKey, 'w', 2),
    ].flatMap(({ fields, rowSeals }) => [fields, rowSeals])
    expect(new Set(all.map((key) => Buffer.from(key).toString('hex'))).size).toBe(6)
  })

  it('come from 32 bytes only', () => {
    expect(() => asDataKey(new Uint8Array(31))).toThrow(RangeError)
  })
})
