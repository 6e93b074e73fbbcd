/** Every part behind its length as 4 bytes big-endian, so that no two lists of parts are alike. */
export function lengthPrefixed(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const encoder = new TextEncoder()
  const chunks = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part))
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + 4 + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    writeUint32(bytes, offset, chunk.length)
    bytes.set(chunk, offset + 4)
    offset += 4 + chunk.length
  }
  return bytes
}

/** 4 bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  writeUint32(bytes, 0, value)
  return bytes
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] ?? 0) << 24) |
      ((bytes[offset + 1] ?? 0) << 16) |
      ((bytes[offset + 2] ?? 0) << 8) |
      (bytes[offset + 3] ?? 0)) >>>
    0
  )
}

/** 8 bytes, big-endian two's complement, of a safe integer: no BigInt, so it is fast. */
export function writeSafeInteger(bytes: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  writeUint32(bytes, offset, high >>> 0)
  writeUint32(bytes, offset + 4, (value - high * 2 ** 32) >>> 0)
}

/**
 * UTF-8 of `text` at `offset`, not past `end`. Lone surrogates become U+FFFD.
 * @returns the number of bytes, or -1 when they do not fit.
 */
export function writeText(bytes: Uint8Array, offset: number, end: number, text: string): number {
  const length = text.length
  if (length > end - offset) return -1
  if (length <= shortTextLength) {
    let i = 0
    for (; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) break
      bytes[offset + i] = code
    }
    if (i === length) return length
  }
  const { read, written } = encoder.encodeInto(text, bytes.subarray(offset, end))
  return read === length ? written : -1
}

/** The text, or undefined when the bytes are not UTF-8. */
export function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= shortTextLength) {
    let text = ''
    let i = start
    for (; i < end; i++) {
      const byte = bytes[i] ?? 0x80
      if (byte > 0x7f) break
      text += String.fromCharCode(byte)
    }
    if (i === end) return text
  }
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

/** Compares without telling by its duration where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** Up to this length a loop beats the call into the platform's coder. */
const shortTextLength = 40
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
