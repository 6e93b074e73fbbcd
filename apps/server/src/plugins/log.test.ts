import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountRow, put, signUpWithWorkspace, upload } from '../../test/rows.ts'
import { publicUrl, sendAs, startTestApp, type Person, type TestApp } from '../../test/test-app.ts'

const planted = 'planted-73195713.37-marker'

describe('logs', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  let lines = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines += chunk.toString()
      done()
    },
  })
  beforeAll(async () => {
    test = await startTestApp({}, { level: 'trace', destination })
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
  })
  afterAll(() => test.close())

  it('have one line a request, with its route and never its address', async () => {
    lines = ''
    await person.get(`/api/me?token=${planted}`)
    const logged = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(logged).toEqual([
      expect.objectContaining({ method: 'GET', route: '/api/me', status: 200, msg: 'request' }),
    ])
  })

  it('hold no body, token, cookie, authorization, query string or address of a person', async () => {
    lines = ''
    const headers = { origin: publicUrl, cookie: person.cookie }
    const account = accountRow(workspaceId)
    await upload(person, [put('accounts_encrypt', account)])
    const plain = accountRow(workspaceId)
    plain.data.name = planted
    await upload(person, [put('accounts_encrypt', plain), put(planted, plain)])
    for (const payload of [`{"batch": ["${planted}"]}`, `{"${planted}`, planted]) {
      const json = { ...headers, 'content-type': 'application/json' }
      await test.app.inject({ method: 'POST', url: '/api/sync/upload', headers: json, payload })
    }
    await test.app.inject({ method: 'GET', url: `/${planted}?q=${planted}`, headers })
    await test.app.inject({ method: 'GET', url: `/api/%${planted}`, headers })
    await test.app.inject({
      method: 'GET',
      url: '/api/me',
      headers: { authorization: `Bearer ${planted}`, cookie: `sealbook.session_token=${planted}` },
    })
    await sendAs(test.app, '', 'POST', '/api/auth/sign-in/email', {
      email: `${planted}@example.test`,
      password: planted,
    })
    const token = (await person.get('/api/sync/token')).json<{ token: string }>().token
    // A broken database: the error itself quotes the statement and the row.
    await test.database.pool.query('ALTER TABLE accounts_encrypt RENAME COLUMN note TO gone')
    const failed = await person.send('POST', '/api/sync/upload', {
      batch: [put('accounts_encrypt', account)],
    })
    expect(failed.statusCode).toBe(500)
    await test.database.pool.query('ALTER TABLE auth_user RENAME COLUMN name TO gone')
    const signUp = { email: `${planted}@example.test`, password: planted, name: planted }
    const refused = await sendAs(test.app, '', 'POST', '/api/auth/sign-up/email', signUp)
    expect(refused.statusCode).toBe(500)
    expect(refused.json()).toEqual({ error: { code: 'internal', message: 'something went wrong' } })

    expect(lines).toContain('"msg":"request failed"')
    const session = person.cookie.split('=')[1] ?? ''
    const secrets = [planted, person.email, session, token, account.data.seal, account.id]
    for (const secret of [...secrets, decodeURIComponent(session), String(account.data.name)]) {
      expect(secret.length).toBeGreaterThan(10)
      expect(lines).not.toContain(secret)
    }
  })

  it('would show what is planted, if it were logged', () => {
    lines = ''
    test.app.log.info({ place: planted }, 'planted on purpose')
    expect(lines).toContain(planted)
  })
})
