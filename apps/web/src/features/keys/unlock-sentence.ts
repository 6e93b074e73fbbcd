import { recoveryWordCount, type RecoveryWordsError } from '@sealbook/crypto'
import { databaseFailureSentence } from '../../data/database-failure.ts'
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
      return recoveryWordsSentence(error.fault)
    case 'not-enough-memory':
      return 'This device has not enough free memory to check the key. Close other apps and try again.'
    case 'other-keys':
      return 'This key opens other keys of your account, not the ledger on this device. Nothing was changed. Use the secret key that this ledger was made with.'
    case 'newer-version':
      return 'A newer version of Sealbook has opened this ledger. Reload the page.'
    case 'database-unreadable':
      return databaseFailureSentence(error.cause)
    case 'unusable-slot':
      return 'The lock that the server keeps is damaged, so this app does not use it. Try the other key, or a device on which your ledger is open.'
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}

/** Which word, or how many: never the word itself, which is a part of a key. */
function recoveryWordsSentence(fault: RecoveryWordsError): string {
  switch (fault.kind) {
    case 'wrong-count':
      return [
        countSentence(fault.count),
        fault.unknown === null ? '' : unknownSentence(fault.unknown),
      ]
        .filter((sentence) => sentence !== '')
        .join(' ')
    case 'unknown-word':
      return unknownSentence(fault.position)
    case 'wrong-checksum':
      return 'Each word exists, but together they are no recovery key: two may be swapped, or one taken for a similar one. Compare them with your sheet, from the first on.'
  }
}

function countSentence(count: number): string {
  const missing = recoveryWordCount - count
  if (missing < 0)
    return `These are ${count} words, ${-missing} too many: a recovery key has ${recoveryWordCount}.`
  return `${missing === 1 ? '1 word is' : `${missing} words are`} missing: these are ${count} of ${recoveryWordCount}.`
}

function unknownSentence(position: number): string {
  return `Word ${position + 1} is not a word of any recovery key: look whether it is mistyped.`
}
