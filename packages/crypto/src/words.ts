import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { RecoveryKey } from './keys.ts'
import { failure, success, type Result } from './result.ts'

/** 256 bits and 8 bits of checksum, 11 bits a word (BIP-39). */
export const recoveryWordCount = 24

/** Why words are no recovery key. `position` counts from 0. */
export type RecoveryWordsError =
  /** `unknown` is the position of the first word that is not in the list: two may have run together. */
  | { readonly kind: 'wrong-count'; readonly count: number; readonly unknown: number | null }
  | { readonly kind: 'unknown-word'; readonly position: number }
  | { readonly kind: 'wrong-checksum' }

/** 24 words of BIP-39's English list. */
export function recoveryKeyToWords(key: RecoveryKey): string[] {
  return entropyToMnemonic(key, wordlist).split(' ')
}

/** Case and white space around a word do not matter. */
export function recoveryKeyFromWords(
  words: readonly string[],
): Result<RecoveryKey, RecoveryWordsError> {
  const cleaned = words.map((word) => word.normalize('NFKC').trim().toLowerCase())
  const position = cleaned.findIndex((word) => !wordlist.includes(word))
  if (cleaned.length !== recoveryWordCount) {
    const unknown = position < 0 ? null : position
    return failure({ kind: 'wrong-count', count: cleaned.length, unknown })
  }
  if (position >= 0) return failure({ kind: 'unknown-word', position })
  try {
    return success(mnemonicToEntropy(cleaned.join(' '), wordlist) as RecoveryKey)
  } catch {
    return failure({ kind: 'wrong-checksum' }) // its only failure on known words
  }
}

/** Random words of the same list, 11 bits each, joined by spaces: an offer for a secret key. */
export function generatePassphrase(wordCount = 6): string {
  const draws = crypto.getRandomValues(new Uint16Array(wordCount))
  // 2,048 words divide 65,536 evenly: no word is likelier than another.
  return Array.from(draws, (draw) => wordlist[draw % wordlist.length]).join(' ')
}
