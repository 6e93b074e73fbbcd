import { randomUUID } from 'node:crypto'
import { maxBatchOperations, type UploadOperation } from '@sealbook/schema/upload'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountRow, fakeEnvelope, put, signUpWithWorkspace, upload } from '../../../test/rows.ts'
import {
  publicUrl,
  sendAs,
  startTestApp,
  type Person,
  type TestApp,
} from '../../../test/test-app.ts'

const accounts = 'accounts_encrypt'

describe('bad input', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  beforeAll(async () => {
    test = await startTestApp({ maxBodyBytes: 64 * 1024 })
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
  })
  afterAll(() => test.close())

  /** Each: what is wrong with one account, and the documented refusal. */
  const refusals: [
    string,
    (row: ReturnType<typeof accountRow>) => Partial<UploadOperation>,
    string,
  ][] = [
    ['an unknown table', () => ({ table: 'users' }), 'unknown-table'],
    ['a plaintext table', () => ({ table: 'accounts' }), 'unknown-table'],
    ['a table of the prototype', () => ({ table: '__proto__' }), 'unknown-table'],
    [
      'an id that is no UUID',
      () => ({ id: "'; DROP TABLE accounts_encrypt" }),
      'invalid-operation',
    ],
    ['an upper-case id', (row) => ({ id: row.id.toUpperCase() }), 'invalid-operation'],
    ['a PATCH without a base', () => ({ op: 'PATCH' }), 'invalid-operation'],
    ['a DELETE without a base', () => ({ op: 'DELETE' }), 'invalid-operation'],
    [
      'a foreign workspace',
      ({ data }) => ({ data: { ...data, workspace_id: randomUUID() } }),
      'forbidden',
    ],
    ['no data', () => ({ data: null }), 'invalid-data'],
    ['an unknown column', ({ data }) => ({ data: { ...data, iban: 'x' } }), 'invalid-data'],
    ['a missing column', ({ data: { name: _, ...data } }) => ({ data }), 'invalid-data'],
    [
      'a null in a sealed column',
      ({ data }) => ({ data: { ...data, name: null } }),
      'invalid-data',
    ],
    ['an unknown choice', ({ data }) => ({ data: { ...data, type: 'vault' } }), 'invalid-data'],
    [
      'a currency in words',
      ({ data }) => ({ data: { ...data, currency: 'euro' } }),
      'invalid-data',
    ],
    [
      'a fractional instant',
      ({ data }) => ({ data: { ...data, created_at: 1.5 } }),
      'invalid-data',
    ],
    [
      'a revision of 2^60',
      ({ data }) => ({ data: { ...data, revision: 2 ** 60 } }),
      'invalid-data',
    ],
    [
      'a seal of the wrong length',
      ({ data }) => ({ data: { ...data, seal: 'AQ' } }),
      'invalid-data',
    ],
    [
      'a name in plaintext',
      ({ data }) => ({ data: { ...data, name: 'Salary' } }),
      'plaintext-in-sealed-column',
    ],
    [
      'an amount in plaintext',
      ({ data }) => ({ data: { ...data, opening_balance: 7319571337 } }),
      'plaintext-in-sealed-column',
    ],
    [
      'long plaintext',
      ({ data }) => ({ data: { ...data, note: 'word '.repeat(5_000) } }),
      'plaintext-in-sealed-column',
    ],
    [
      'plaintext that looks like base64url',
      ({ data }) => ({ data: { ...data, name: 'x'.repeat(104) } }),
      'plaintext-in-sealed-column',
    ],
    [
      'an envelope of a length that padding cannot give',
      ({ data }) => ({ data: { ...data, name: fakeEnvelope(1, 33) } }),
      'plaintext-in-sealed-column',
    ],
    [
      'an oversize value',
      ({ data }) => ({ data: { ...data, name: fakeEnvelope(1, 4_096) } }),
      'too-large',
    ],
  ]

  it.each(refusals)('%s is refused by itself, and the rest applied', async (_name, wrong, code) => {
    const [bad, good] = [accountRow(workspaceId), accountRow(workspaceId)]
    const operation = { ...put(accounts, bad), ...wrong(bad) }
    const answer = await upload(person, [operation, put(accounts, good)])
    expect(answer.applied).toBe(1)
    expect(answer.errors).toEqual([
      {
        index: 0,
        table: operation.table,
        id: operation.id,
        code,
        retryable: false,
        detail: expect.any(String) as string,
      },
    ])
    const { rows } = await test.database.pool.query<{ id: string }>(
      'SELECT id FROM accounts_encrypt WHERE id = ANY ($1)',
      [[bad.id, good.id]],
    )
    expect(rows).toEqual([{ id: good.id }])
  })

  it('says nothing of what was typed', async () => {
    const row = accountRow(workspaceId)
    row.data.name = 'a very secret name'
    const answer = await upload(person, [put(accounts, row)])
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  /** Each: a body and its answer. */
  const batches: [string, string, number, string][] = [
    ['broken JSON', '{"batch": [', 400, 'malformed-json'],
    ['no JSON at all', 'hello', 400, 'malformed-json'],
    ['an empty body', '', 400, 'malformed-json'],
    ['a prototype in JSON', '{"__proto__": {"batch": []}}', 400, 'malformed-json'],
    ['another shape', '{"rows": []}', 400, 'malformed-batch'],
    ['null', 'null', 400, 'malformed-batch'],
    ['an empty batch', '{"batch": []}', 400, 'malformed-batch'],
    [
      'an unknown op',
      '{"batch": [{"op": "MERGE", "table": "a", "id": "b"}]}',
      400,
      'malformed-batch',
    ],
    [
      'a number for an id',
      '{"batch": [{"op": "PUT", "table": "a", "id": 7}]}',
      400,
      'malformed-batch',
    ],
    [
      'a foreign field',
      '{"batch": [{"op": "PUT", "table": "a", "id": "b", "user": 1}]}',
      400,
      'malformed-batch',
    ],
    ['too large a body', JSON.stringify({ batch: 'x'.repeat(70_000) }), 413, 'body-too-large'],
  ]

  it.each(batches)('%s gets its answer', async (_name, payload, status, code) => {
    const response = await test.app.inject({
      method: 'POST',
      url: '/api/sync/upload',
      headers: { origin: publicUrl, cookie: person.cookie, 'content-type': 'application/json' },
      payload,
    })
    expect(response.statusCode).toBe(status)
    expect(response.json()).toEqual({ error: { code, message: expect.any(String) as string } })
  })

  it('too many operations get 413, so that the client cuts the batch', async () => {
    const operation = { op: 'DELETE', table: 'a', id: 'b' }
    const batch = Array(maxBatchOperations + 1).fill(operation)
    const response = await person.send('POST', '/api/sync/upload', { batch })
    expect(response.statusCode).toBe(413)
    expect(response.json()).toMatchObject({ error: { code: 'batch-too-large' } })
  })

  it('another content type gets 415', async () => {
    const response = await test.app.inject({
      method: 'POST',
      url: '/api/sync/upload',
      headers: { origin: publicUrl, cookie: person.cookie, 'content-type': 'text/csv' },
      payload: 'a,b',
    })
    expect(response.statusCode).toBe(415)
    expect(response.json()).toMatchObject({ error: { code: 'unsupported-media-type' } })
  })

  it('no session gets 401, before the body is looked at', async () => {
    for (const cookie of ['', 'sealbook.session_token=made-up', `${person.cookie}x`]) {
      const response = await sendAs(test.app, cookie, 'POST', '/api/sync/upload', '{"batch')
      expect(response.statusCode).toBe(401)
      expect(response.json()).toMatchObject({ error: { code: 'unauthorized' } })
    }
  })

  it('an expired session gets 401', async () => {
    const { person: late } = await signUpWithWorkspace(test.app)
    await test.database.pool.query(
      `UPDATE auth_session SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
      [late.userId],
    )
    const response = await late.send('POST', '/api/sync/upload', { batch: [] })
    expect(response.statusCode).toBe(401)
  })

  it('another origin, or none, changes nothing', async () => {
    for (const origin of ['https://evil.example', 'null', undefined]) {
      const response = await test.app.inject({
        method: 'POST',
        url: '/api/auth/sign-out',
        headers: { cookie: person.cookie, ...(origin === undefined ? {} : { origin }) },
      })
      expect(response.statusCode).toBe(403)
      expect(response.json()).toMatchObject({ error: { code: 'foreign-origin' } })
    }
    expect((await person.get('/api/me')).statusCode).toBe(200)
  })

  it('an unknown or malformed address gets an answer that does not repeat it', async () => {
    for (const [url, status] of [
      ['/api/nothing-here', 404],
      ['/nothing-here', 404],
      ['/api/%zz-here', 400],
    ] as const) {
      const response = await person.get(url)
      expect(response.statusCode).toBe(status)
      expect(response.body).not.toContain('here"')
      expect(response.body).not.toContain('nothing-here')
      expect(response.json()).toHaveProperty('error.code')
    }
  })

  const signUps: [string, unknown][] = [
    ['no address', { password: 'long enough', name: '' }],
    ['a malformed address', { email: 'nobody', password: 'long enough', name: '' }],
    ['a short password', { email: 'a@example.test', password: 'short', name: '' }],
    ['an endless password', { email: 'a@example.test', password: 'x'.repeat(200), name: '' }],
    ['a NUL', { email: 'a@example.test', password: 'long enough', name: 'a\u0000b' }],
    ['a list', []],
  ]

  it.each(signUps)('a sign-up with %s gets 400', async (_name, payload) => {
    const response = await sendAs(test.app, '', 'POST', '/api/auth/sign-up/email', payload)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ error: { code: 'invalid-request' } })
  })

  it('a password with a NUL is a wrong password', async () => {
    const response = await sendAs(test.app, '', 'POST', '/api/auth/sign-in/email', {
      email: person.email,
      password: 'a\u0000b',
    })
    expect(response.statusCode).toBe(401)
  })

  it('an address that is taken gets 422', async () => {
    const response = await sendAs(test.app, '', 'POST', '/api/auth/sign-up/email', {
      email: person.email,
      password: 'long enough',
      name: '',
    })
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({
      error: { code: 'user-already-exists-use-another-email' },
    })
  })
})

describe('trouble with Postgres', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  beforeAll(async () => {
    test = await startTestApp()
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
  })
  afterAll(() => test.close())

  it('in the middle of an upload is a 503, nothing is stored, and the next one succeeds', async () => {
    const { pool } = test.database
    const batch = [put(accounts, accountRow(workspaceId))]
    const holder = await pool.connect()
    await holder.query('BEGIN')
    await holder.query('LOCK TABLE accounts_encrypt IN ACCESS EXCLUSIVE MODE')
    const pending = person.send('POST', '/api/sync/upload', { batch })
    let ended = 0
    while (ended === 0) {
      const killed = await pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      ended = killed.rowCount ?? 0
    }
    const response = await pending
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBeDefined()
    expect(response.json()).toEqual({
      error: { code: 'unavailable', message: 'try again in a moment' },
    })
    await holder.query('ROLLBACK')
    holder.release()
    expect(await upload(person, batch)).toEqual({ applied: 1, errors: [] })
  })

  it('that is a bug is a 500 that tells nothing more', async () => {
    await test.database.pool.query('ALTER TABLE accounts_encrypt RENAME TO gone')
    const broken = await person.send('POST', '/api/sync/upload', {
      batch: [put(accounts, accountRow(workspaceId))],
    })
    expect(broken.statusCode).toBe(500)
    expect(broken.json()).toEqual({
      error: { code: 'internal', message: 'something went wrong' },
    })
  })
})
