import {
  applyValueContext,
  CompatibilityContext,
  toSyncRulesValue,
} from '@powersync/service-sync-rules'
import { describe, expect, it } from 'vitest'
import { decodeValue, type ValueType } from './values.ts'

/** What the sync rules, and so the clients, get to see. */
function synced(text: string, type: ValueType) {
  const value = toSyncRulesValue(decodeValue(text, type))
  return applyValueContext(value, CompatibilityContext.FULL_BACKWARDS_COMPATIBILITY)
}

describe('values', () => {
  it.each<[string, ValueType, unknown]>([
    ['9223372036854775807', 'integer', 9223372036854775807n],
    ['-9007199254740993', 'integer', -9007199254740993n],
    ['t', 'boolean', 1n],
    ['f', 'boolean', 0n],
    ['0.1', 'real', 0.1],
    ['0.10', 'text', '0.10'],
    ['{"a": 1.0}', 'json', '{"a": 1.0}'],
    ['\\x00ff', 'bytes', Uint8Array.of(0, 255)],
    ['2024-02-29', 'date', '2024-02-29'],
    ['infinity', 'date', '9999-12-31'],
    ['2024-02-29 10:11:12.5+00', 'timestamptz', '2024-02-29 10:11:12.5Z'],
    ['2024-02-29 10:11:12', 'timestamp', '2024-02-29 10:11:12'],
    ['Žluť 🐎', 'text', 'Žluť 🐎'],
  ])('%s as %s', (text, type, expected) => {
    expect(synced(text, type)).toEqual(expected)
  })

  it('reads arrays with quotes, NULLs and nesting', () => {
    const arrayOf = (type: ValueType) => ({ arrayOf: type, delimiter: ',' })
    expect(decodeValue('{}', arrayOf('text'))).toEqual([])
    expect(decodeValue('{a,NULL,"NULL","b \\"c\\", d",""}', arrayOf('text'))).toEqual([
      'a',
      null,
      'NULL',
      'b "c", d',
      '',
    ])
    expect(decodeValue('{{1,2},{3,4}}', arrayOf('integer'))).toEqual([
      [1n, 2n],
      [3n, 4n],
    ])
    expect(decodeValue('[0:1]={t,f}', arrayOf('boolean'))).toEqual([true, false])
  })
})
