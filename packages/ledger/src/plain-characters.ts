/**
 * A typed or pasted number in plain characters, whatever keyboard, bank or document it comes from:
 * ASCII digits for every script's, one minus for every dash, one space, one apostrophe, brackets and
 * separators of usual width. Marks that nobody sees are left out. The Arabic separators stay, since
 * each of them has one meaning only.
 */
export function toPlainCharacters(text: string): string {
  return Array.from(text.replace(invisible, ''), plainCharacter).join('').trim()
}

/** Marks of direction, joiners, and what a file or a web page leaves between characters. */
const invisible = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

const plainForms: ReadonlyMap<string, string> = new Map([
  ...each('\u2018\u2019\u02bc\u02b9\u2032\u00b4`\uff07', "'"),
  ...each('\u2212\u207b\u208b\u02d7\u2796', '-'),
  ...each('\uff0b\u207a\ufe62\u2795', '+'),
  ...each('\uff0c\ufe50\u3001', ','),
  ...each('\uff0e\ufe52', '.'),
  ...each('\uff08\ufe59', '('),
  ...each('\uff09\ufe5a', ')'),
])

function plainCharacter(character: string): string {
  if (/\p{Nd}/u.test(character)) return String(digitValue(character))
  const plain = plainForms.get(character)
  if (plain !== undefined) return plain
  if (/\s/u.test(character)) return ' '
  return /\p{Pd}/u.test(character) ? '-' : character
}

/**
 * Unicode keeps the ten digits of a script in one run from zero up, and runs that touch are whole
 * ones: the distance from where the digits begin tells the value.
 */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1
  return before % 10
}

function each(characters: string, plain: string): (readonly [string, string])[] {
  return Array.from(characters, (character) => [character, plain] as const)
}
