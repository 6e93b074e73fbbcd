import { describe, expect, it } from 'vitest'
import { authMessage } from './auth-sentence.ts'

describe('authMessage', () => {
  it('does not tell which of email and password is wrong', () => {
    expect(authMessage({ kind: 'wrong-credentials' }).field).toBeNull()
  })

  it('points at the field that has to change', () => {
    expect(authMessage({ kind: 'email-taken' }).field).toBe('email')
    expect(authMessage({ kind: 'password-too-short' }).field).toBe('password')
  })

  it('says how long to wait when the server does', () => {
    expect(authMessage({ kind: 'too-many-requests', retryAfterSeconds: 40 }).text).toContain('40')
    expect(authMessage({ kind: 'too-many-requests', retryAfterSeconds: null }).text).toContain(
      'minute',
    )
  })
})
