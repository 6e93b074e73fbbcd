/** A whole number that the options of a suite set in the environment. @throws on anything else. */
export function setting(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is not a number: ${text}`)
  return value
}

/** Seeds of the runs of this process: the first, told or drawn, and those that follow it. */
export function seedsOfRun(count: number): number[] {
  const first = setting('SEALBOOK_SEED', Date.now() % 1_000_000)
  return Array.from({ length: setting('SEALBOOK_SEEDS', count) }, (_, n) => first + n)
}
