import { createHash } from 'node:crypto'

/** A bucket's checksum is the sum of its operations' checksums modulo 2^32. */
export function addChecksums(a: number, b: number): number {
  return (a + b) >>> 0
}

/** The checksum that the PowerSync Service gives a PUT. */
export function putChecksum(type: string, id: string, data: string): number {
  return hash(`put.${type}.${id}.${data}`)
}

/** The checksum of a REMOVE; `source` names the source row. */
export function removeChecksum(source: string): number {
  return hash(`delete.${source}`)
}

/** The first four bytes, little-endian, of SHA-256. */
function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE(0)
}
