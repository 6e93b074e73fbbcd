import { serverFailureSentence } from '../../data/server-failure.ts'
import type { AuthError } from '../../data/session-types.ts'

/** Where an error of signing up or in is shown. */
export interface AuthMessage {
  readonly field: 'email' | 'password' | null
  readonly text: string
}

/** What a person is told when signing up or in did not work. */
export function authMessage(error: AuthError): AuthMessage {
  switch (error.kind) {
    case 'wrong-credentials':
      return { field: null, text: 'The email and the password do not belong together.' }
    case 'email-taken':
      return { field: 'email', text: 'There is an account with this email. Sign in instead.' }
    case 'invalid-email':
      return { field: 'email', text: 'This is not an email address.' }
    case 'password-too-short':
      return { field: 'password', text: 'Use at least 8 characters.' }
    case 'password-too-long':
      return { field: 'password', text: 'Use at most 128 characters.' }
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return { field: null, text: serverFailureSentence(error) }
  }
}
