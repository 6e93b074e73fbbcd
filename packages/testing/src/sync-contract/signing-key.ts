import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose'

/** What `aud` of the suite's tokens is. */
export const audience = process.env['SYNC_AUDIENCE'] ?? 'powersync'

/** A key that signs sync tokens, and the set that an engine checks them with. */
export interface SigningKey {
  readonly jwks: JSONWebKeySet
  /** @param lifetimeSeconds negative for a token that has expired. */
  token(userId: string, lifetimeSeconds?: number): Promise<string>
}

/** The private RS256 key in `SYNC_SIGNING_JWK`, which an outside engine trusts; else a new one. */
export async function openSigningKey(): Promise<SigningKey> {
  const given = process.env['SYNC_SIGNING_JWK']
  return signingKey(given ? (JSON.parse(given) as JWK) : await createPrivateJwk())
}

async function createPrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  // Its own for each key: an engine remembers for minutes which key a name stands for.
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' }
}

async function signingKey(jwk: JWK): Promise<SigningKey> {
  const privateKey = await importJWK(jwk, 'RS256')
  const { kty, n, e } = jwk
  const kid = jwk.kid ?? (await calculateJwkThumbprint(jwk))
  return {
    jwks: { keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' } as JWK] },
    token(userId, lifetimeSeconds = 300) {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid })
        .setSubject(userId)
        .setAudience(audience)
        .setIssuedAt(Math.min(now, now + lifetimeSeconds - 1))
        .setExpirationTime(now + lifetimeSeconds)
        .sign(privateKey)
    },
  }
}
