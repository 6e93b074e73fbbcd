/** How much is run; `npm run test:sync` and its options set it. */
function setting(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is not a number: ${text}`)
  return value
}

const firstSeed = setting('SEALBOOK_SEED', Date.now() % 1_000_000)

/** Seeds of the runs of this process: the first and those that follow it. */
export const seeds = Array.from({ length: setting('SEALBOOK_SEEDS', 1) }, (_, n) => firstSeed + n)

/** Random operations of one run. */
export const operations = setting('SEALBOOK_OPERATIONS', 300)

/** Moments at which engine and Postgres are killed. */
export const kills = setting('SEALBOOK_KILLS', 3)
