import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTokenVerifier, type VerifyToken } from './auth.ts'

let verify: VerifyToken
let jwks: JSONWebKeySet
let sign: (claims: JWTPayload, kid?: string) => Promise<string>
const now = Math.floor(Date.now() / 1000)
const good = { sub: 'user', aud: 'powersync', iat: now, exp: now + 300 }

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  jwks = {
    keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }],
  }
  verify = createTokenVerifier(() => jwks, 'powersync')
  sign = async (claims, kid = 'one') =>
    `Token ${await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey)}`
})

describe('sync tokens', () => {
  it('are accepted when signature, audience and expiry are right', async () => {
    const result = await verify(await sign(good))
    expect(result).toMatchObject({
      ok: true,
      value: { userId: 'user', expiresAtMs: good.exp * 1000 },
    })
  })

  it.each([
    ['expired', { ...good, iat: now - 600, exp: now - 300 }, 'PSYNC_S2103'],
    ['for another audience', { ...good, aud: 'other' }, 'PSYNC_S2105'],
    ['without an audience', { sub: 'user', iat: now, exp: now + 300 }, 'PSYNC_S2105'],
    ['valid for too long', { ...good, exp: now + 2 * 86_400 }, 'PSYNC_S2104'],
    ['without an expiry', { sub: 'user', aud: 'powersync', iat: now }, 'PSYNC_S2101'],
    ['without a subject', { aud: 'powersync', iat: now, exp: now + 300 }, 'PSYNC_S2101'],
  ])('are refused when %s', async (_, claims, code) => {
    expect(await verify(await sign(claims))).toMatchObject({ ok: false, error: { code } })
  })

  it('are refused when they are from another issuer, where one is wanted', async () => {
    const strict = createTokenVerifier(() => jwks, 'powersync', 'https://sealbook.example')
    const from = async (iss: string | undefined) =>
      (await strict(await sign(iss === undefined ? good : { ...good, iss }))).ok
    expect(await from('https://sealbook.example')).toBe(true)
    expect(await from('https://elsewhere.example')).toBe(false)
    expect(await from(undefined)).toBe(false)
  })

  it('name a session, or none', async () => {
    expect(await verify(await sign({ ...good, sid: 'one' }))).toMatchObject({
      value: { sessionId: 'one' },
    })
    expect(await verify(await sign(good))).toMatchObject({ value: { sessionId: null } })
  })

  it('are refused when their key is not in the JWKS or they are no tokens', async () => {
    const codes = await Promise.all(
      [await sign(good, 'other'), 'Token nonsense', 'Basic abc', undefined].map(verify),
    )
    expect(codes.map((result) => !result.ok && result.error.code)).toEqual([
      'PSYNC_S2101',
      'PSYNC_S2101',
      'PSYNC_S2106',
      'PSYNC_S2106',
    ])
  })

  it('are refused when they are signed with the public key as a shared secret', async () => {
    const token = await new SignJWT(good)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(new TextEncoder().encode('x'.repeat(32)))
    expect(await verify(`Token ${token}`)).toMatchObject({ ok: false })
  })
})
