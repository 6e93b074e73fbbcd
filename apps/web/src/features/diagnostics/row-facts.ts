import { decodeBase64url } from '@sealbook/crypto'
import type { RowSides } from '@sealbook/crypto-router'

type StoredRow = NonNullable<RowSides['twin']>

/** What a stored row says of itself without being opened. */
export interface SealFacts {
  readonly revision: number | null
  readonly keyVersion: number | null
}

export function sealOf(row: StoredRow | null): SealFacts | null {
  if (row === null) return null
  const { revision, seal } = row
  return {
    revision: typeof revision === 'number' ? revision : null,
    keyVersion: typeof seal === 'string' ? keyVersionOf(seal) : null,
  }
}

const keyVersionAt = 1

/** A row seal is a version byte, the key version in four bytes, and the MAC. */
function keyVersionOf(seal: string): number | null {
  const bytes = decodeBase64url(seal)
  if (bytes === undefined || bytes.length < keyVersionAt + 4) return null
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(keyVersionAt)
}
