import { seedsOfRun, setting } from '../run-settings.ts'

// How much is run; `npm run test:sync` and its options set it.

export const seeds = seedsOfRun(1)

/** Random operations of one run. */
export const operations = setting('SEALBOOK_OPERATIONS', 300)

/** Moments at which engine and Postgres are killed. */
export const kills = setting('SEALBOOK_KILLS', 3)
