import { describe, expect, it } from 'vitest'
import { createSyncApi, SyncUnavailableError, type Fetch } from './api.ts'

const operation = { op: 'DELETE', table: 't', id: 'a', previous: { revision: 1 } } as const

function answering(status: number, body: unknown = '', headers: Record<string, string> = {}) {
  const requests: { url: string; init: RequestInit | undefined }[] = []
  const fetch: Fetch = (url, init) => {
    requests.push({ url, init })
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return Promise.resolve(new Response(text, { status, headers }))
  }
  return { api: createSyncApi(fetch, 'https://book.example'), requests }
}

const unavailable = { kind: 'unavailable', retryAfterMs: null }
const failing: Fetch = () => Promise.reject(new TypeError('failed to fetch'))

describe('posting a batch', () => {
  it('sends it with the session', async () => {
    const { api, requests } = answering(200, { applied: 1, errors: [] })
    expect(await api.postBatch([operation])).toEqual({ kind: 'answered', refusals: [] })
    expect(requests).toHaveLength(1)
    expect(requests[0]?.url).toBe('https://book.example/api/sync/upload')
    expect(requests[0]?.init).toMatchObject({ method: 'POST', credentials: 'include' })
    expect(JSON.parse(requests[0]?.init?.body as string)).toEqual({ batch: [operation] })
  })

  it('reads refusals, and lets a newer server say more', async () => {
    const error = { index: 0, table: 't', id: 'a', code: 'new-code', retryable: false, detail: 'd' }
    const { api } = answering(200, { applied: 0, errors: [{ ...error, hint: 'h' }], extra: 1 })
    expect(await api.postBatch([operation])).toEqual({
      kind: 'answered',
      refusals: [
        {
          index: 0,
          code: 'new-code',
          retryable: false,
          detail: 'd',
          current: undefined,
          deletedRevision: null,
        },
      ],
    })
  })

  it('tells a row that was deleted from one that the server does not show', async () => {
    const error = { index: 0, code: 'conflict', current: null, deletedRevision: 4 }
    const { api } = answering(200, { applied: 0, errors: [error] })
    const result = await api.postBatch([operation])
    expect(result).toMatchObject({ refusals: [{ current: null, deletedRevision: 4 }] })
  })

  it.each([
    [400, { kind: 'malformed' }],
    [401, { kind: 'signed-out' }],
    [413, { kind: 'too-large' }],
    [403, unavailable],
    [404, unavailable],
    [429, unavailable],
    [500, unavailable],
    [503, unavailable],
  ])('understands a %i', async (status, expected) => {
    expect(await answering(status).api.postBatch([operation])).toEqual(expected)
  })

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['9'.repeat(30), 3_600_000],
    ['-5', null],
    ['soon', null],
    ['', null],
  ])('reads a Retry-After of %s', async (value, retryAfterMs) => {
    const { api } = answering(429, '', { 'retry-after': value })
    expect(await api.postBatch([operation])).toEqual({ kind: 'unavailable', retryAfterMs })
  })

  it.each([
    ['07:28:00', '07:27:30', 30_000],
    ['07:28:00', '07:28:10', 0],
    ['07:28:00', undefined, 20_000],
    ['09:30:00', '07:28:00', 3_600_000],
  ])('reads a Retry-After date, by the clock of the server', async (until, date, retryAfterMs) => {
    const day = (time: string) => `Wed, 21 Oct 2026 ${time} GMT`
    const headers = { 'retry-after': day(until), ...(date ? { date: day(date) } : {}) }
    const fetch: Fetch = () => Promise.resolve(new Response('', { status: 503, headers }))
    const api = createSyncApi(fetch, '', () => Date.parse('2026-10-21T07:27:40Z'))
    expect(await api.postBatch([operation])).toEqual({ kind: 'unavailable', retryAfterMs })
  })

  it.each([
    '<html>Sign in to the hotel network</html>',
    '',
    'null',
    '{}',
    '{"applied":1}',
    '{"applied":0,"errors":[{"index":7,"code":"forbidden"}]}',
    '{"applied":0,"errors":[{"index":0}]}',
    '{"applied":0,"errors":[null]}',
  ])('takes %j for no answer', async (body) => {
    expect(await answering(200, body).api.postBatch([operation])).toEqual(unavailable)
  })

  it('survives having no network', async () => {
    expect(await createSyncApi(failing, '').postBatch([operation])).toEqual(unavailable)
  })

  it('rejects when it is aborted', async () => {
    const aborter = new AbortController()
    const hanging: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    const posting = createSyncApi(hanging, '').postBatch([operation], aborter.signal)
    aborter.abort()
    await expect(posting).rejects.toThrow()
  })
})

describe('fetching a token', () => {
  const token = { token: 'abc', powersync_url: 'https://book.example/powersync' }

  it('gives it, with where to use it', async () => {
    const { api, requests } = answering(200, token)
    expect(await api.fetchToken()).toEqual(token)
    expect(requests[0]?.url).toBe('https://book.example/api/sync/token')
    expect(requests[0]?.init).toMatchObject({ credentials: 'include' })
  })

  it('gives null when nobody is signed in', async () => {
    expect(await answering(401).api.fetchToken()).toBeNull()
  })

  it.each([
    [500, ''],
    [429, ''],
    [200, '<html>'],
    [200, '{"token":5}'],
  ])('does not mistake a %i with %j for being signed out', async (status, body) => {
    await expect(answering(status, body).api.fetchToken()).rejects.toThrow(SyncUnavailableError)
  })

  it('fails without a network', async () => {
    await expect(createSyncApi(failing, '').fetchToken()).rejects.toThrow(SyncUnavailableError)
  })
})
