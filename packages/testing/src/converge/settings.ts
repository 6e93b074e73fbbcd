/** How much is run; `npm run test:converge` and its options set it. */
function setting(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is not a number: ${text}`)
  return value
}

const firstSeed = setting('SEALBOOK_SEED', Date.now() % 1_000_000)

/** Of the runs of this process: the first and those that follow it. */
export const seeds = Array.from({ length: setting('SEALBOOK_SEEDS', 2) }, (_, n) => firstSeed + n)

export const planSize = {
  devices: setting('SEALBOOK_DEVICES', 3),
  operations: setting('SEALBOOK_OPERATIONS', 60),
  kills: setting('SEALBOOK_KILLS', 1),
}

export const soakMinutes = setting('SEALBOOK_SOAK_MINUTES', 0)

/** Looks for a smaller plan when one fails, and keeps it. */
export const shrinks = setting('SEALBOOK_SHRINK', 0) > 0
