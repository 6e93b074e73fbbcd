import { describe, expect, it } from 'vitest'
import { listSessions, revokeSession, signIn, signUp } from './account-api.ts'
import { createApiClient } from './api-client.ts'

const account = { email: 'ada@example.org', password: 'a long password' }

describe('account', () => {
  it.each([
    [401, { code: 'INVALID_EMAIL_OR_PASSWORD' }, { kind: 'wrong-credentials' }],
    [401, { error: { code: 'invalid-credentials', message: '' } }, { kind: 'wrong-credentials' }],
    [401, {}, { kind: 'wrong-credentials' }],
    [422, { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' }, { kind: 'email-taken' }],
    [400, { code: 'INVALID_EMAIL' }, { kind: 'invalid-email' }],
    [400, { error: { code: 'invalid-request', message: '' } }, { kind: 'invalid-email' }],
    [400, { code: 'PASSWORD_TOO_SHORT' }, { kind: 'password-too-short' }],
    [400, { code: 'PASSWORD_TOO_LONG' }, { kind: 'password-too-long' }],
    [
      500,
      { error: { code: 'internal', message: '' } },
      { kind: 'server', status: 500, code: 'internal' },
    ],
    [502, null, { kind: 'offline' }],
    [200, { user: { id: 7 } }, { kind: 'server', status: 200, code: 'malformed-answer' }],
  ])('answers %i %j with its meaning', async (status, body, error) => {
    expect(await signIn(answering({ '*': [status, body] }), account)).toEqual({ ok: false, error })
  })

  it('says what is wrong with a new password without asking', async () => {
    const api = answering({})
    const kindOf = async (password: string) => {
      const answer = await signUp(api, { ...account, password })
      return answer.ok ? null : answer.error.kind
    }
    expect(await kindOf('short')).toBe('password-too-short')
    expect(await kindOf('x'.repeat(129))).toBe('password-too-long')
  })

  it('says how long to wait after too many attempts', async () => {
    const api = createApiClient(() =>
      Promise.resolve(new Response('{}', { status: 429, headers: { 'retry-after': '12' } })),
    )
    expect(await signUp(api, account)).toEqual({
      ok: false,
      error: { kind: 'too-many-requests', retryAfterSeconds: 12 },
    })
  })

  it('says offline when nothing answers', async () => {
    const api = createApiClient(() => Promise.reject(new TypeError('network')))
    expect(await signIn(api, account)).toEqual({ ok: false, error: { kind: 'offline' } })
  })

  it('lists sessions without their tokens, and ends one by its id', async () => {
    const revoked: unknown[] = []
    const entry = (id: string) => ({
      id,
      token: `token of ${id}`,
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-02T00:00:00.000Z',
      userAgent: 'Firefox',
      ipAddress: '',
    })
    const api = answering({
      '/api/auth/get-session': [200, { session: { id: 'a' } }],
      '/api/auth/list-sessions': [200, [entry('a'), entry('b')]],
      '/api/auth/revoke-session': [200, {}, (body) => revoked.push(body)],
    })
    const sessions = await listSessions(api)
    expect(sessions).toMatchObject({
      value: [
        { id: 'a', current: true, createdAt: Date.UTC(2026, 0, 1), ipAddress: null },
        { id: 'b', current: false, lastSeenAt: Date.UTC(2026, 0, 2), userAgent: 'Firefox' },
      ],
    })
    expect(JSON.stringify(sessions)).not.toContain('token')
    expect(await revokeSession(api, 'b')).toEqual({ ok: true, value: undefined })
    expect(revoked).toEqual([{ token: 'token of b' }])
  })
})

type Answer = readonly [status: number, body: unknown, hear?: (body: unknown) => void]

function answering(answers: Readonly<Record<string, Answer>>) {
  return createApiClient(((url: string, init: RequestInit) => {
    const answer = answers[url] ?? answers['*']
    if (answer === undefined) throw new Error(`unexpected request: ${url}`)
    const [status, body, hear] = answer
    hear?.(JSON.parse((init.body as string | undefined) ?? '{}'))
    return Promise.resolve(Response.json(body, { status }))
  }) as typeof fetch)
}
