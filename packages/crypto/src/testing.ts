import { deriveRowKeys, generateDataKey, type RowKeys, type WorkspaceKeys } from './index.ts'

/** Fresh keys of one workspace at versions 1 and 2, for this package's tests. */
export function freshKeys(workspaceId = '0192d3a4-0000-7000-8000-0000000000aa'): {
  readonly keys: WorkspaceKeys
  readonly first: RowKeys
  readonly second: RowKeys
} {
  const first = deriveRowKeys(generateDataKey(), workspaceId, 1)
  const second = deriveRowKeys(generateDataKey(), workspaceId, 2)
  const byVersion = new Map([
    [1, first],
    [2, second],
  ])
  return { keys: { workspaceId, current: 2, byVersion }, first, second }
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice()
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return flipped
}
