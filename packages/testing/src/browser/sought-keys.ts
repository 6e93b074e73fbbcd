/** A key that a test knows, and looks for in what a browser has in memory. */
export interface SoughtKey {
  readonly name: string
  readonly bytes: Uint8Array
}

/** One of the forms in which a key may stand in memory. */
export interface KeyForm {
  /** The key's name and the form's. */
  readonly name: string
  readonly bytes: Buffer
}

/** The key as bytes, and its texts with one and with two bytes a character. */
export function formsOf(key: SoughtKey): KeyForm[] {
  return [
    { name: `${key.name}, bytes`, bytes: Buffer.from(key.bytes) },
    ...textFormsOf(key),
    ...textFormsOf(key, 'utf16le'),
  ]
}

/** In hex and in both kinds of base64. */
export function textFormsOf(
  { name, bytes }: SoughtKey,
  encoding: 'latin1' | 'utf16le' = 'latin1',
): KeyForm[] {
  const buffer = Buffer.from(bytes)
  // The last character of base64 also stands for bits that the key does not have.
  const texts = {
    hex: buffer.toString('hex'),
    base64: buffer.toString('base64').replace(/=+$/, '').slice(0, -1),
    base64url: buffer.toString('base64url').slice(0, -1),
  }
  return Object.entries(texts).map(([form, text]) => ({
    name: `${name}, ${form}`,
    bytes: Buffer.from(text, encoding),
  }))
}
