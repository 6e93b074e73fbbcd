import { getMigrations } from 'better-auth/db/migration'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  cookieOf,
  password,
  publicUrl,
  sendAs,
  signIn,
  signUp,
  startTestApp,
  type TestApp,
} from '../../test/test-app.ts'
import { authOptions } from './auth.ts'
import { resolveConfig } from './config.ts'

describe('accounts of people', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await startTestApp()
  })
  afterAll(() => test.close())

  it('has every table, column and index that better-auth expects', async () => {
    const config = resolveConfig({ publicUrl, authSecret: 'x'.repeat(32), syncUrl: publicUrl })
    const options = authOptions(test.database.pool, config, test.app.log)
    const plan = await getMigrations(options, { throwOnUnsafe: false })
    expect({
      created: plan.toBeCreated.map(({ table }) => table),
      added: plan.toBeAdded.map(({ table, fields }) => [table, Object.keys(fields)]),
      indexes: plan.toBeAddedIndexes.map(({ table, name }) => [table, name]),
      unsafe: plan.unsafeChanges,
      problems: plan.schemaProblems,
    }).toEqual({ created: [], added: [], indexes: [], unsafe: [], problems: [] })
  })

  it('signs up with a lower-case UUID and an HttpOnly, SameSite cookie', async () => {
    const response = await sendAs(test.app, '', 'POST', '/api/auth/sign-up/email', {
      email: 'Person@Example.Test',
      password,
      name: 'Sealbook user',
    })
    expect(response.statusCode).toBe(200)
    const { user } = response.json<{ user: { id: string; email: string } }>()
    expect(user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(user.email).toBe('person@example.test')
    const [cookie] = [response.headers['set-cookie']].flat()
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Lax')
    expect(cookie).not.toContain('Secure')
    const me = await sendAs(test.app, cookieOf(response), 'GET', '/api/me')
    expect(me.json()).toEqual({ user: { id: user.id, email: 'person@example.test' } })
  })

  it('answers a wrong password and an unknown address alike', async () => {
    const { email } = await signUp(test.app)
    const answers = await Promise.all(
      [email, 'nobody@example.test'].map((address) =>
        sendAs(test.app, '', 'POST', '/api/auth/sign-in/email', {
          email: address,
          password: 'wrong',
        }),
      ),
    )
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toEqual({
        error: { code: 'invalid-email-or-password', message: 'Invalid email or password' },
      })
    }
  })

  it('lists sessions and ends one of them at once', async () => {
    const first = await signUp(test.app)
    const second = await signIn(test.app, first)
    const listed = await first.get('/api/auth/list-sessions')
    const sessions = listed.json<{ token: string }[]>()
    expect(sessions).toHaveLength(2)
    const own = (await first.get('/api/auth/get-session')).json<{ session: { token: string } }>()
    const other = sessions.find(({ token }) => token !== own.session.token)
    const revoked = await first.send('POST', '/api/auth/revoke-session', { token: other?.token })
    expect(revoked.statusCode).toBe(200)
    expect((await second.get('/api/me')).statusCode).toBe(401)
    expect((await first.get('/api/me')).statusCode).toBe(200)
  })

  it('cannot end a session of somebody else', async () => {
    const [victim, other] = [await signUp(test.app), await signUp(test.app)]
    const own = (await victim.get('/api/auth/get-session')).json<{ session: { token: string } }>()
    await other.send('POST', '/api/auth/revoke-session', { token: own.session.token })
    expect((await victim.get('/api/me')).statusCode).toBe(200)
  })

  it('signs out', async () => {
    const person = await signUp(test.app)
    expect((await person.send('POST', '/api/auth/sign-out')).statusCode).toBe(200)
    expect((await person.get('/api/me')).statusCode).toBe(401)
  })

  it('changes the password and ends the other sessions when asked', async () => {
    const first = await signUp(test.app)
    const second = await signIn(test.app, first)
    const answer = await first.send('POST', '/api/auth/change-password', {
      currentPassword: password,
      newPassword: 'another fine password',
      revokeOtherSessions: true,
    })
    expect(answer.statusCode).toBe(200)
    expect((await second.get('/api/me')).statusCode).toBe(401)
    expect((await sendAs(test.app, cookieOf(answer), 'GET', '/api/me')).statusCode).toBe(200)
  })

  it('marks cookies Secure when the public address is https', async () => {
    const secure = await startTestApp({ publicUrl: 'https://sealbook.example' })
    const response = await secure.app.inject({
      method: 'POST',
      url: '/api/auth/sign-up/email',
      headers: { origin: 'https://sealbook.example' },
      payload: { email: 'a@example.test', password, name: 'Sealbook user' },
    })
    const [cookie] = [response.headers['set-cookie']].flat()
    expect(cookie).toMatch(/^__Secure-sealbook\.session_token=/)
    expect(cookie).toContain('Secure')
    await secure.close()
  })
})
