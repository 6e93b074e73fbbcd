import {
  isRecord,
  malformedAnswer,
  toServerFailure,
  type ApiClient,
  type ApiError,
} from './api-client.ts'
import type { AccountSession, AuthError, Result, ServerFailure, User } from './session-types.ts'

interface Credentials {
  readonly email: string
  readonly password: string
}

/** better-auth wants a name; the server learns none. */
const placeholderName = 'Sealbook user'
/** The server's own limits: told before asking, because it does not say which one was broken. */
const passwordLength = { min: 8, max: 128 }

export async function signUp(
  api: ApiClient,
  { email, password }: Credentials,
): Promise<Result<User, AuthError>> {
  if (password.length < passwordLength.min) {
    return { ok: false, error: { kind: 'password-too-short' } }
  }
  if (password.length > passwordLength.max) {
    return { ok: false, error: { kind: 'password-too-long' } }
  }
  return toUser(
    await api.post('/api/auth/sign-up/email', { email, password, name: placeholderName }),
  )
}

export async function signIn(
  api: ApiClient,
  { email, password }: Credentials,
): Promise<Result<User, AuthError>> {
  return toUser(await api.post('/api/auth/sign-in/email', { email, password }))
}

/** Whether the server has ended the session, or had already. */
export async function signOut(api: ApiClient): Promise<boolean> {
  const answer = await api.post('/api/auth/sign-out', {})
  return answer.ok || answer.error.kind !== 'offline'
}

export async function listSessions(
  api: ApiClient,
): Promise<Result<readonly AccountSession[], ServerFailure>> {
  const sessions = await fetchSessions(api)
  if (!sessions.ok) return sessions
  return { ok: true, value: sessions.value.map((entry) => entry.session) }
}

/** The token that better-auth revokes by stays inside this file. */
export async function revokeSession(
  api: ApiClient,
  id: string,
): Promise<Result<void, ServerFailure>> {
  const sessions = await fetchSessions(api)
  if (!sessions.ok) return sessions
  const found = sessions.value.find((entry) => entry.session.id === id)
  if (found === undefined) return { ok: true, value: undefined }
  const answer = await api.post('/api/auth/revoke-session', { token: found.token })
  return answer.ok
    ? { ok: true, value: undefined }
    : { ok: false, error: toServerFailure(answer.error) }
}

async function fetchSessions(
  api: ApiClient,
): Promise<Result<{ session: AccountSession; token: string }[], ServerFailure>> {
  const [current, all] = await Promise.all([
    api.get('/api/auth/get-session'),
    api.get('/api/auth/list-sessions'),
  ])
  if (!all.ok) return { ok: false, error: toServerFailure(all.error) }
  if (!current.ok) return { ok: false, error: toServerFailure(current.error) }
  const currentId =
    isRecord(current.value) && isRecord(current.value['session'])
      ? current.value['session']['id']
      : null
  if (!Array.isArray(all.value)) return { ok: false, error: malformedAnswer }
  return { ok: true, value: all.value.filter(isRecord).map((entry) => toSession(entry, currentId)) }
}

function toSession(entry: Readonly<Record<string, unknown>>, currentId: unknown) {
  const session: AccountSession = {
    id: String(entry['id']),
    current: entry['id'] === currentId,
    createdAt: instantOf(entry['createdAt']),
    lastSeenAt: instantOf(entry['updatedAt']),
    userAgent: textOf(entry['userAgent']),
    ipAddress: textOf(entry['ipAddress']),
  }
  return { session, token: textOf(entry['token']) ?? '' }
}

function instantOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(textOf(value) ?? '')
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function toUser(answer: Result<unknown, ApiError>): Result<User, AuthError> {
  if (!answer.ok) return { ok: false, error: toAuthError(answer.error) }
  const user = userOf(answer.value)
  return user === null ? { ok: false, error: malformedAnswer } : { ok: true, value: user }
}

function userOf(body: unknown): User | null {
  const user = isRecord(body) ? body['user'] : null
  if (!isRecord(user)) return null
  const { id, email } = user
  return typeof id === 'string' && typeof email === 'string' ? { id, email } : null
}

function toAuthError(error: ApiError): AuthError {
  // Before an account is signed in, a 401 without a code can only be about the credentials.
  if (error.kind === 'signed-out') return { kind: 'wrong-credentials' }
  if (error.kind !== 'refused') return error
  switch (error.code) {
    case 'invalid-email-or-password':
    case 'invalid-password':
    case 'invalid-credentials':
      return { kind: 'wrong-credentials' }
    case 'user-already-exists':
    case 'user-already-exists-use-another-email':
      return { kind: 'email-taken' }
    case 'invalid-email':
    case 'invalid-request': // only the address is left to be wrong
      return { kind: 'invalid-email' }
    case 'password-too-short':
      return { kind: 'password-too-short' }
    case 'password-too-long':
      return { kind: 'password-too-long' }
    default:
      return toServerFailure(error)
  }
}
