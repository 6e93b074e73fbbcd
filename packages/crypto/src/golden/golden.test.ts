import { beforeAll, describe, expect, it } from 'vitest'
import {
  asDatabaseKey,
  asDataKey,
  asUserKey,
  computeRowSeal,
  deriveKek,
  deriveRowKeys,
  loadCrypto,
  openRecoveryKeySlot,
  openSecretKeySlot,
  openValue,
  sealValue,
  unwrapDatabaseKey,
  unwrapDataKey,
  verifyRowSeal,
  type FieldType,
  type KdfParams,
  type Kek,
  type RecoveryKey,
  type WorkspaceKeys,
} from '../index.ts'
import { recoveryKek } from '../slots.ts'
import { wrapWithNonce } from '../wrapping.ts'
import { independentVectors } from './independent.ts'
import golden from './vectors.json' with { type: 'json' }

beforeAll(loadCrypto)

const { userId, workspaceId } = golden.inputs
const userKey = asUserKey(fromHex(golden.inputs.userKey))
const dataKey = asDataKey(fromHex(golden.inputs.dataKey))
const recoveryKey = fromHex(golden.inputs.recoveryKey) as RecoveryKey
const databaseKey = asDatabaseKey(fromHex(golden.inputs.databaseKey))
const kek = fromHex(golden.kdf.kek) as Kek
const kdf = golden.kdf.params as KdfParams

function workspaceKeys(): WorkspaceKeys {
  const versions = [1, 2].map((version) => deriveRowKeys(dataKey, workspaceId, version))
  return { workspaceId, current: 2, byVersion: new Map(versions.map((k) => [k.keyVersion, k])) }
}

function rowKeys(keyVersion: number) {
  const keys = workspaceKeys().byVersion.get(keyVersion)
  if (keys === undefined) throw new Error('no such key version')
  return keys
}

describe('golden vectors', () => {
  it('are what the independent implementation computes', () => {
    expect(independentVectors()).toEqual(golden)
  })

  it('derive the same KEK', () => {
    expect(deriveKek(golden.kdf.secretKey, kdf)).toEqual({ ok: true, value: kek })
    expect(toHex(recoveryKek(recoveryKey))).toBe(golden.recoveryKek)
  })

  it.each(golden.wrapped)('wrap and unwrap the same bytes: $name', ({ name, nonce, wrapped }) => {
    const slot = { kdf: null, wrapped, version: 1 }
    switch (name) {
      case 'secret-key slot': {
        const id = '0192d3a4-0000-7000-8000-000000000003'
        const opened = openSecretKeySlot({ ...slot, id, kind: 'secret-key', kdf }, userId, kek)
        return expect(opened).toEqual({ ok: true, value: userKey })
      }
      case 'recovery-key slot': {
        const id = '0192d3a4-0000-7000-8000-000000000004'
        const opened = openRecoveryKeySlot(
          { ...slot, id, kind: 'recovery-key' },
          userId,
          recoveryKey,
        )
        return expect(opened).toEqual({ ok: true, value: userKey })
      }
      case 'data key': {
        const again = wrapWithNonce(
          userKey,
          dataKey,
          ['data-key', userId, workspaceId, Uint8Array.of(0, 0, 0, 1)],
          fromHex(nonce),
        )
        expect(Buffer.from(again).toString('base64url')).toBe(wrapped)
        const opened = unwrapDataKey({ userKey, userId, workspaceId, keyVersion: 1, wrapped })
        return expect(opened).toEqual({ ok: true, value: dataKey })
      }
      case 'database key': {
        const deviceId = '0192d3a4-0000-7000-8000-000000000005'
        const opened = unwrapDatabaseKey({ userKey, userId, deviceId, wrapped })
        return expect(opened).toEqual({ ok: true, value: databaseKey })
      }
      default:
        throw new Error(`no check for ${name}`)
    }
  })

  it.each(golden.subkeys)('derive the subkeys of version $keyVersion', (expected) => {
    const keys = rowKeys(expected.keyVersion)
    expect(toHex(keys.fields)).toBe(expected.fields)
    expect(toHex(keys.rowSeals)).toBe(expected.rowSeals)
  })

  it.each(golden.envelopes)('seal and open the version 1 bytes: $type $#', (vector) => {
    const type = vector.type as FieldType
    const value = vector.value !== null && type === 'integer' ? BigInt(vector.value) : vector.value
    const nonce = fromHex(vector.nonce)
    const sealed = sealValue(rowKeys(vector.keyVersion), vector.place, type, value, nonce)
    expect(sealed).toBe(vector.envelope)
    expect(openValue(workspaceKeys(), vector.place, type, vector.envelope)).toEqual({
      ok: true,
      value,
    })
  })

  it.each(golden.rowSeals)('compute and verify the version 1 row seal $#', (vector) => {
    expect(computeRowSeal(rowKeys(vector.keyVersion), vector.row)).toBe(vector.seal)
    expect(verifyRowSeal(workspaceKeys(), vector.row, vector.seal).ok).toBe(true)
  })
})

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
