/** A secret that a test typed, in every spelling in which it could leak. */
export interface Marker {
  readonly name: string
  readonly spellings: readonly Buffer[]
}

/** UTF-8, UTF-16LE, hex in both cases, and base64 at each of the three alignments, both alphabets. */
export function textMarker(name: string, text: string): Marker {
  return {
    name,
    spellings: spellingsOf(Buffer.from(text, 'utf8')).concat(Buffer.from(text, 'utf16le')),
  }
}

/** An amount as text, as minor units in text, and as 8-byte integers and doubles in both orders. */
export function amountMarker(name: string, text: string, minor: bigint): Marker {
  const numbers = [0, 1, 2, 3].map((form) => {
    const bytes = Buffer.alloc(8)
    if (form === 0) bytes.writeBigInt64BE(minor)
    if (form === 1) bytes.writeBigInt64LE(minor)
    if (form === 2) bytes.writeDoubleBE(Number(minor))
    if (form === 3) bytes.writeDoubleLE(Number(minor))
    return bytes
  })
  const texts = [Buffer.from(text), Buffer.from(minor.toString())]
  return { name, spellings: [...texts, ...numbers].flatMap(spellingsOf) }
}

/**
 * Names of the markers that occur in `haystack`. One pass for all of them: a database's files are
 * some hundred megabytes, and the spellings of all columns nearly a thousand.
 */
export function findMarkers(markers: readonly Marker[], haystack: Buffer): string[] {
  const pairs = new Uint8Array(65_536)
  const byStart = new Map<number, { name: string; spelling: Buffer }[]>()
  for (const { name, spellings } of markers)
    for (const spelling of spellings) {
      const start = spelling.readUInt32BE(0)
      pairs[start >>> 16] = 1
      byStart.set(start, [...(byStart.get(start) ?? []), { name, spelling }])
    }
  const found = new Set<string>()
  for (let at = 0; at + 4 <= haystack.length; at++) {
    if (pairs[((haystack[at] ?? 0) << 8) | (haystack[at + 1] ?? 0)] === 0) continue
    for (const { name, spelling } of byStart.get(haystack.readUInt32BE(at)) ?? [])
      if (haystack.subarray(at, at + spelling.length).equals(spelling)) found.add(name)
  }
  return markers.map(({ name }) => name).filter((name) => found.has(name))
}

function spellingsOf(bytes: Buffer): Buffer[] {
  const hex = bytes.toString('hex')
  return [bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase()), ...base64Spellings(bytes)]
}

/** Fewer characters of base64 than this would be found in any random text. */
const telltaleLength = 8

/** The characters that do not depend on the neighbouring bytes, at each alignment. */
function base64Spellings(bytes: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const whole = padded.subarray(offset === 0 ? 0 : 3, padded.length - (padded.length % 3))
    const standard = whole.toString('base64')
    if (standard.length < telltaleLength) return []
    return [Buffer.from(standard), Buffer.from(whole.toString('base64url'))]
  })
}
