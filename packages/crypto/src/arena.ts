import { compiledSodium } from './sodium.ts'
import { platformEncoder, type Base64urlEncoder } from './base64url.ts'

/**
 * One block of libsodium's memory, kept for envelopes and row seals, so that no call allocates.
 * It is the package's only mutable state, as libsodium's memory is itself the module's;
 * every function that uses it is synchronous and leaves nothing behind that another relies on,
 * except the AAD prefix of `PlaceWriter`, which notices when the block has moved.
 */
export interface Arena {
  /** Address of the block. */
  readonly base: number
  readonly size: number
  readonly encode: Base64urlEncoder
}

/** The arena, at least `size` bytes long; an earlier one may be gone after this. */
export function reserveArena(size: number): Arena {
  if (arena !== undefined && arena.size >= size) return arena
  const libsodium = compiledSodium()
  const rounded = Math.max(smallestArena, 2 ** Math.ceil(Math.log2(size)))
  if (arena !== undefined) libsodium._free(arena.base)
  arena = undefined
  const base = libsodium._malloc(rounded)
  if (base === 0) throw new Error('libsodium is out of memory')
  arena = { base, size: rounded, encode: platformEncoder() }
  return arena
}

const smallestArena = 65_536
let arena: Arena | undefined
