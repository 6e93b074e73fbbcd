/** One line of the table: ours against a reference measured in the same run. */
export interface BenchResult {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly reference: number
  /** ours / reference */
  readonly ratio: number
  readonly goal: string
  readonly holds: boolean
}

/** A named measurement; one workload may give several results. */
export interface Workload {
  /** Names of its results, for the prefix filter. */
  readonly names: readonly string[]
  run(): Promise<BenchResult[]>
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Nearest rank. @throws on an empty list. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]
  if (value === undefined) throw new Error('no values to take a percentile of')
  return value
}

/** Runs both sides in turn, `rounds` times, so that a noisy moment hits both. */
export async function alternate(
  rounds: number,
  ours: () => number | Promise<number>,
  reference: () => number | Promise<number>,
): Promise<{ ours: number; reference: number }> {
  const measured = { ours: [] as number[], reference: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    measured.ours.push(await ours())
    measured.reference.push(await reference())
  }
  return { ours: median(measured.ours), reference: median(measured.reference) }
}
