const smallBlock = 32
const smallLimit = 256

/**
 * Length that a plaintext of `length` bytes is padded to: a multiple of 32 up to 256, above that
 * Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019), which tells
 * O(log log length) bits and adds less than 12 %.
 */
export function paddedLength(length: number): number {
  if (length <= smallLimit) return Math.max(1, Math.ceil(length / smallBlock)) * smallBlock
  const exponent = 31 - Math.clz32(length)
  const mantissaBits = 32 - Math.clz32(exponent)
  const step = 2 ** (exponent - mantissaBits)
  return Math.ceil(length / step) * step
}
