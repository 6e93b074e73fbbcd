import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'

/** Where the keys are that sign sync tokens: their address, or a function that has them. */
export type JwksSource = URL | (() => JSONWebKeySet | Promise<JSONWebKeySet>)

/** Why a token was refused; `code` is the PowerSync Service's for the same reason. */
export interface TokenRefusal {
  readonly code: 'PSYNC_S2101' | 'PSYNC_S2103' | 'PSYNC_S2104' | 'PSYNC_S2105' | 'PSYNC_S2106'
  readonly description: string
}

/** A verified token. */
export interface SyncToken {
  readonly userId: string
  /** `sid`; null: the token names none. */
  readonly sessionId: string | null
  readonly expiresAtMs: number
  readonly payload: Readonly<JWTPayload>
}

export type TokenResult =
  | { readonly ok: true; readonly value: SyncToken }
  | { readonly ok: false; readonly error: TokenRefusal }

export type VerifyToken = (authorization: string | undefined) => Promise<TokenResult>

/** As the PowerSync Service: clocks of issuer and verifier may differ by this much. */
const clockToleranceSeconds = 60
const maxLifetimeSeconds = 24 * 60 * 60

/**
 * Checks `Authorization: Token ...`: RS256 signature by the JWKS, audience, issuer when one is given,
 * expiry, lifetime.
 */
export function createTokenVerifier(
  jwks: JwksSource,
  audience: string,
  issuer?: string,
): VerifyToken {
  const getKey = jwks instanceof URL ? createRemoteJWKSet(jwks) : localKeys(jwks)
  return async (authorization) => {
    const token = /^(?:Token|Bearer) (\S+)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return refuse('PSYNC_S2106', 'Authentication required')
    try {
      const { payload } = await jwtVerify(token, getKey, {
        algorithms: ['RS256'],
        audience,
        ...(issuer === undefined ? {} : { issuer }),
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['sub', 'iat', 'exp'],
      })
      return accept(payload)
    } catch (error) {
      return refusal(error)
    }
  }
}

function localKeys(read: () => JSONWebKeySet | Promise<JSONWebKeySet>): JWTVerifyGetKey {
  const known = new WeakMap<JSONWebKeySet, JWTVerifyGetKey>()
  return async (header, token) => {
    const keys = await read()
    const getKey = known.get(keys) ?? createLocalJWKSet(keys)
    known.set(keys, getKey)
    return getKey(header, token)
  }
}

function accept(payload: JWTPayload): TokenResult {
  const { sub, iat = 0, exp = 0 } = payload
  const sessionId = typeof payload['sid'] === 'string' ? payload['sid'] : null
  if (sub === undefined) return refuse('PSYNC_S2101', 'Token has no subject')
  if (exp - iat > maxLifetimeSeconds) {
    return refuse('PSYNC_S2104', `Token must expire in a maximum of ${maxLifetimeSeconds} seconds`)
  }
  return { ok: true, value: { userId: sub, sessionId, expiresAtMs: exp * 1000, payload } }
}

function refusal(error: unknown): TokenResult {
  if (error instanceof errors.JWTExpired) return refuse('PSYNC_S2103', 'JWT has expired')
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return refuse('PSYNC_S2105', 'Unexpected "aud" claim value')
  }
  const isKeyServerFault =
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid
  if (error instanceof errors.JOSEError && !isKeyServerFault)
    return refuse('PSYNC_S2101', 'Token is not valid')
  throw error
}

function refuse(code: TokenRefusal['code'], description: string): TokenResult {
  return { ok: false, error: { code, description } }
}
