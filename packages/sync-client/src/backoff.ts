/**
 * Doubles with every failure up to `longestMs`; of that between half and all at random, so that
 * devices do not come in step.
 * @param random from 0 up to 1.
 */
export function backoffMs(
  failures: number,
  { firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number },
  random: () => number,
): number {
  return Math.min(longestMs, firstMs * 2 ** failures) * (0.5 + random() / 2)
}
