import { serverFailureSentence } from '../../data/server-failure.ts'
import type { RecoveryUnlockError, UnlockError } from '../../data/session-types.ts'

/** What a person is told when the ledger did not open. */
export function unlockSentence(error: UnlockError | RecoveryUnlockError): string {
  switch (error.kind) {
    case 'wrong-secret-key':
      return 'That is not the secret key of this ledger. Nothing was changed; try again.'
    case 'wrong-recovery-key':
      return 'These words belong to another ledger. Nothing was changed.'
    case 'malformed-recovery-key':
      return 'A word is missing or mistyped: the 24 words do not fit together.'
    case 'not-enough-memory':
      return 'This device has not enough free memory to check the key. Close other apps and try again.'
    case 'other-keys':
      return 'This key opens other keys of your account, not the ledger on this device. Nothing was changed. Use the secret key that this ledger was made with.'
    case 'newer-version':
      return 'A newer version of Sealbook has opened this ledger. Reload the page.'
    case 'database-unreadable':
      return 'The ledger on this device cannot be opened. Sign out to remove it, then sign in again.'
    case 'unusable-slot':
      return 'The lock that the server keeps is damaged, so this app does not use it. Try the other key, or a device on which your ledger is open.'
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}
