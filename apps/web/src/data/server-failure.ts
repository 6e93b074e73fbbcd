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
        : `Too many tries. Wait ${failure.retryAfterSeconds} seconds and try again.`
    case 'server':
      return `The server could not do that (${failure.code}). Try again in a moment.`
  }
}
