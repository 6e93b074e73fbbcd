import { describe, expect, it } from 'vitest'
import { databaseFailure } from './database-failure.ts'

const causeOf = (error: unknown) => databaseFailure(error).cause

describe('databaseFailure', () => {
  it('knows SQLite by its words', () => {
    expect(causeOf(new Error('database or disk is full'))).toBe('full')
    expect(causeOf(new Error('file is not a database'))).toBe('damaged')
    expect(causeOf(new Error('database disk image is malformed'))).toBe('damaged')
    expect(causeOf(new Error('disk I/O error'))).toBe('damaged')
    expect(causeOf(new Error('database is locked'))).toBe('busy')
    expect(causeOf(new Error('unable to open database file'))).toBe('refused')
    expect(causeOf(new Error('attempt to write a readonly database'))).toBe('refused')
  })

  it('knows the browser by its names', () => {
    expect(causeOf(new DOMException('', 'QuotaExceededError'))).toBe('full')
    expect(causeOf(new DOMException('', 'NoModificationAllowedError'))).toBe('busy')
    expect(causeOf(new DOMException('', 'SecurityError'))).toBe('refused')
    expect(causeOf(new DOMException('', 'NotAllowedError'))).toBe('refused')
    expect(causeOf(new TypeError('navigator.storage.getDirectory is not a function'))).toBe(
      'refused',
    )
    expect(causeOf(new DOMException('', 'UnknownError'))).toBe('damaged')
  })

  it('calls nothing damaged that it does not know, and keeps no message', () => {
    expect(databaseFailure(new RangeError('something else'))).toEqual({
      kind: 'database-unreadable',
      cause: 'unknown',
      name: 'RangeError',
    })
    expect(causeOf('a text')).toBe('unknown')
  })
})
