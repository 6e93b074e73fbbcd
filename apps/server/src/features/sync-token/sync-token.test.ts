import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  publicUrl,
  signUp,
  startTestApp,
  type Person,
  type TestApp,
} from '../../../test/test-app.ts'
import { buildApp, rotateSigningKey } from '../../index.ts'

describe('the sync token', () => {
  let test: TestApp
  let person: Person
  beforeAll(async () => {
    test = await startTestApp()
    person = await signUp(test.app)
  })
  afterAll(() => test.close())

  async function jwks(): Promise<JSONWebKeySet> {
    return (await test.app.inject('/.well-known/jwks.json')).json()
  }

  async function token(): Promise<string> {
    const answer = await person.get('/api/sync/token')
    const body = answer.json<{ token: string; powersync_url: string }>()
    expect(body.powersync_url).toBe(`${publicUrl}/powersync`)
    return body.token
  }

  async function verify(given: string, keys: JSONWebKeySet) {
    const rules = { audience: 'powersync', algorithms: ['RS256'] }
    return (await jwtVerify(given, createLocalJWKSet(keys), rules)).payload
  }

  it('names the person for five minutes and verifies by the published key', async () => {
    const payload = await verify(await token(), await jwks())
    expect(payload.sub).toBe(person.userId)
    expect(payload.iss).toBe(publicUrl)
    const { rows } = await test.database.pool.query('SELECT id FROM auth_session')
    expect(rows).toEqual([{ id: payload['sid'] }])
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
  })

  it('publishes no private part', async () => {
    const text = JSON.stringify(await jwks())
    expect(text).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
  })

  it('rotates with nobody refused: old tokens stay valid, new keys are known before they sign', async () => {
    const before = await token()
    const jwksBefore = await jwks()
    const next = await rotateSigningKey(test.database.pool)
    const jwksBetween = await jwks()
    expect(jwksBetween.keys).toHaveLength(2)
    const between = await token()
    expect(decodeProtectedHeader(between).kid).not.toBe(next)
    await verify(between, jwksBefore)
    await test.database.pool.query('UPDATE signing_keys SET active_from = now() WHERE kid = $1', [
      next,
    ])
    const after = await token()
    expect(decodeProtectedHeader(after).kid).toBe(next)
    // A verifier that fetched the keys before the switch knows both.
    await verify(after, jwksBetween)
    await verify(before, await jwks())
  })

  it('drops a key once a newer one has signed for an hour', async () => {
    await test.database.pool.query(
      `UPDATE signing_keys SET active_from = active_from - interval '1 day'`,
    )
    const next = await rotateSigningKey(test.database.pool, { leadMs: 0 })
    const kids = (await jwks()).keys.map(({ kid }) => kid)
    expect(kids).toHaveLength(2)
    expect(kids[0]).toBe(next)
  })

  it('keeps its key over a restart', async () => {
    const before = await jwks()
    const config = { publicUrl, authSecret: 'x'.repeat(32), syncUrl: publicUrl }
    const restarted = await buildApp({ pool: test.database.pool, config, logger: test.app.log })
    expect((await restarted.inject('/.well-known/jwks.json')).json()).toEqual(before)
    await restarted.close()
  })
})
