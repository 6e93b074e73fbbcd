import type { ServerFailure } from './session-types.ts'

/** What a person is told when the server could not be asked. */
export function serverFailureSentence(failure: ServerFailure): string {
  switch (failure.kind) {
    case 'offline':
      return 'The server cannot be reached. Check the connection and try again.'
    case 'signed-out':
      return 'You are no longer signed in here. Sign in and try again.'
    case 'too-many-requests':
      return failure.retryAfterSeconds === null
        ? 'Too many tries. Wait a minute and try again.'
        : `Too many tries. Wait ${waitText(failure.retryAfterSeconds)} and try again.`
    case 'server':
      if (failure.code === 'too-many-workspaces') {
        return 'This account has made as many workspaces as this server allows. Use one of them, or ask whoever runs the server.'
      }
      return `The server could not do that (${failure.code}). Try again in a moment.`
  }
}

function waitText(seconds: number): string {
  if (seconds === 1) return 'a second'
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}
