import { seedsOfRun, setting } from '../run-settings.ts'

// How much is run; `npm run test:converge` and its options set it.

export const seeds = seedsOfRun(2)

export const planSize = {
  devices: setting('SEALBOOK_DEVICES', 3),
  operations: setting('SEALBOOK_OPERATIONS', 60),
  kills: setting('SEALBOOK_KILLS', 1),
  lies: setting('SEALBOOK_LIES', 2),
  restores: setting('SEALBOOK_RESTORES', 0),
}

export const soakMinutes = setting('SEALBOOK_SOAK_MINUTES', 0)

/** Looks for a smaller plan when one fails, and keeps it. */
export const shrinks = setting('SEALBOOK_SHRINK', 0) > 0
