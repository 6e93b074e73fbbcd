import { foldText } from './fold-text.ts'

/**
 * A text as it is kept: without spaces around it, control characters, and characters that turn the
 * direction of what stands beside them on a screen. Joiners stay: emoji and several scripts need them.
 */
export function cleanText(text: string): string {
  return text.replace(turning, '').replace(control, ' ').trim()
}

/** A name as it is shown, whoever wrote it: nothing in it turns what stands beside it. */
export function shownName(name: string | null): string {
  return cleanText(name ?? '')
}

/** The name that a person entered, or null where nothing in it can be seen. */
export function enteredName(text: string): string | null {
  const name = cleanText(text)
  return seen.test(name.replace(blank, '')) ? name : null
}

/** Whether one of the names reads like this one, whatever its case and accents. */
export function hasName(names: readonly string[], name: string): boolean {
  const wanted = foldText(name.trim())
  return wanted !== '' && names.some((other) => foldText(other.trim()) === wanted)
}

const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// eslint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufff9-\ufffb]/g
/** Anything but controls, formats, spaces and lone accents. */
const seen = /[^\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{M}]/u
/** Letters that are drawn as nothing. */
const blank = /[\u115f\u1160\u2800\u3164\uffa0]/g
