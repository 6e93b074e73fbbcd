import { toPlainCharacters } from '@sealbook/ledger'

/**
 * A text as search and completion compare it: lower case, without accents, with plain marks and
 * ASCII digits, so that `cafe` finds `Café`, `strasse` finds `Straße` and `l'eau` finds `L’eau`.
 */
export function foldText(text: string): string {
  if (isPlain.test(text)) return text.toLowerCase()
  const letters = text
    .normalize('NFC')
    // Typed for an apostrophe. Taken apart it would be a space with an accent.
    .replaceAll('\u00b4', "'")
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
  return toPlainCharacters(letters).replace(
    undecomposed,
    (letter) => foldedLetters.get(letter) ?? letter,
  )
}

/** Most texts: nothing to fold but the case. */
const isPlain = /^[\n -~]*$/

/** Letters and signs that Unicode does not take apart, and what people type for them. */
const foldedLetters: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th' }),
  ...Object.entries({ ı: 'i', ȷ: 'j', ħ: 'h', ŧ: 't', ŋ: 'n', ĸ: 'k', ƶ: 'z', ƒ: 'f' }),
  ...Object.entries({ ς: 'σ', '⁄': '/', ۀ: 'ه', ة: 'ه', ى: 'ي', ی: 'ي', ک: 'ك', ـ: '' }),
  ...Object.entries({ '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '‹': "'", '›': "'" }),
])
const undecomposed = new RegExp(`[${[...foldedLetters.keys()].join('')}]`, 'gu')
