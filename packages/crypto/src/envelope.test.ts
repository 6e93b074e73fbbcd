import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  asDataKey,
  computeRowSeal,
  deriveRowKeys,
  drawNonces,
  generateDataKey,
  loadCrypto,
  openValue,
  sealValue,
  verifyRowSeal,
  type FieldType,
  type FieldValue,
  type Place,
  type RowKeys,
  type SealedRow,
  type WorkspaceKeys,
} from './index.ts'
beforeAll(loadCrypto)
it('works', () => {
  const k = deriveRowKeys(generateDataKey(), 'w', 1)
  const keys: WorkspaceKeys = { workspaceId: 'w', current: 1, byVersion: new Map([[1, k]]) }
  const place = { workspaceId: 'w', table: 't', rowId: 'r', column: 'c' }
  for (const v of [0n, -1n, 2n ** 31n, 10n ** 15n + 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    expect(
      openValue(keys, place, 'integer', sealValue(k, place, 'integer', v, drawNonces(1))),
    ).toEqual({ ok: true, value: v })
  }
  for (const v of ['', 'a', 'é\ufeffx'.repeat(100), '\ufeffx']) {
    const e = sealValue(k, place, 'text', v, drawNonces(1))
    expect(e.startsWith('AQE')).toBe(true)
    expect(openValue(keys, place, 'text', e)).toEqual({ ok: true, value: v })
  }
  const row: SealedRow = {
    workspaceId: 'w',
    table: 't',
    id: 'r',
    revision: 1,
    columns: { a: 'x', b: 5, c: null },
  }
  const s = computeRowSeal(k, row)
  expect(verifyRowSeal(keys, row, s).ok).toBe(true)
  expect(verifyRowSeal(keys, { ...row, revision: 2 }, s)).toEqual({
    ok: false,
    error: { kind: 'not-authentic' },
  })
})
