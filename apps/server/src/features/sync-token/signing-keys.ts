import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type pg from 'pg'
import { inTransaction, type Queryable } from '../../plugins/database.ts'

export const signingAlgorithm = 'RS256'

/** Any constant: it only has to be the same in every process. */
const signingKeyLock = 7_305_117_443
/** Longer than a verifier keeps the JWKS, so that it knows a key before the first token shows it. */
const defaultLeadMs = 15 * 60_000
/** Longer than a token lives. */
const keepReplacedMs = 60 * 60_000

export interface SigningKey {
  readonly kid: string
  readonly privateJwk: JWK
}

/** Makes the first key when there is none. Several processes may call it at once. */
export async function ensureSigningKey(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [signingKeyLock])
    const { rowCount } = await client.query('SELECT 1 FROM signing_keys LIMIT 1')
    if (rowCount === 0) await insertKey(client, 0)
  })
}

/**
 * Publishes a new key, which signs from `leadMs` on; the old one stays published for as long as a
 * token of its could still be valid. Nobody is signed out.
 *
 * @returns the new key's id.
 */
export async function rotateSigningKey(
  pool: pg.Pool,
  { leadMs = defaultLeadMs }: { leadMs?: number } = {},
): Promise<string> {
  return await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [signingKeyLock])
    await client.query(deleteReplacedSql, [keepReplacedMs])
    return await insertKey(client, leadMs)
  })
}

/** The key that signs now. */
export async function currentSigningKey(pool: Queryable): Promise<SigningKey> {
  const { rows } = await pool.query<{ kid: string; private_jwk: JWK }>(currentSql)
  const row = rows[0]
  if (row === undefined) throw new Error('there is no signing key')
  return { kid: row.kid, privateJwk: row.private_jwk }
}

/** Public keys of tokens that may be valid now or soon, newest first. */
export async function publishedKeys(pool: Queryable): Promise<JWK[]> {
  const { rows } = await pool.query<{ public_jwk: JWK }>(
    'SELECT public_jwk FROM signing_keys ORDER BY active_from DESC, kid',
  )
  return rows.map((row) => row.public_jwk)
}

async function insertKey(client: Queryable, leadMs: number): Promise<string> {
  const kid = randomUUID()
  const { privateKey, publicKey } = await generateKeyPair(signingAlgorithm, { extractable: true })
  const publicJwk: JWK = {
    ...(await exportJWK(publicKey)),
    kid,
    alg: signingAlgorithm,
    use: 'sig',
  }
  await client.query(insertSql, [kid, await exportJWK(privateKey), publicJwk, leadMs])
  return kid
}

const insertSql = `
  INSERT INTO signing_keys (kid, private_jwk, public_jwk, active_from)
  VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')`

const currentSql = `
  SELECT kid, private_jwk FROM signing_keys
  WHERE active_from <= now() ORDER BY active_from DESC, kid LIMIT 1`

/** A key is replaced once a newer one is active. */
const deleteReplacedSql = `
  DELETE FROM signing_keys AS old USING signing_keys AS newer
  WHERE newer.active_from > old.active_from
    AND newer.active_from < now() - $1 * interval '1 millisecond'`
