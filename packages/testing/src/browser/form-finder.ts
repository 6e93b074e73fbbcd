import type { KeyForm } from './sought-keys.ts'

/** Finds many forms of keys in one pass over a block of memory. */
export interface FormFinder {
  /** How many bytes two neighbouring blocks must share, so that nothing between them is missed. */
  readonly overlap: number
  /** Names of the forms that begin in the first `before` bytes of `block`, once an occurrence. */
  find(block: Buffer, before: number): string[]
}

interface Piece {
  readonly form: KeyForm
  /** Where in the form the pair of bytes stands. */
  readonly offset: number
}

/**
 * Looks at two neighbouring bytes, then skips as many as the shortest form has: wherever a form
 * stands, one of its pairs is looked at. Only memory that has such a pair is compared.
 */
export function createFormFinder(forms: readonly KeyForm[]): FormFinder {
  const shortest = Math.min(...forms.map(({ bytes }) => bytes.length))
  const step = shortest - 1
  const piecesByPair = new Array<Piece[] | undefined>(256 * 256)
  for (const form of forms)
    for (let offset = 0; offset < step; offset += 1)
      (piecesByPair[form.bytes.readUInt16BE(offset)] ??= []).push({ form, offset })

  return {
    overlap: Math.max(...forms.map(({ bytes }) => bytes.length)) - 1,
    find(block, before) {
      const found: string[] = []
      for (let at = 0; at + 1 < block.length; at += step) {
        const pair = ((block[at] ?? 0) << 8) | (block[at + 1] ?? 0)
        for (const { form, offset } of piecesByPair[pair] ?? []) {
          const start = at - offset
          if (start >= 0 && start < before && standsAt(block, start, form.bytes))
            found.push(form.name)
        }
      }
      return found
    },
  }
}

function standsAt(block: Buffer, start: number, form: Buffer): boolean {
  if (start + form.length > block.length) return false
  for (let at = 0; at < form.length; at += 1) if (block[start + at] !== form[at]) return false
  return true
}
