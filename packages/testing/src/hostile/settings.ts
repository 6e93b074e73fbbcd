import { setting } from '../run-settings.ts'

/** Seeds of the random combinations; `npm run test:hostile` and its options set them. */
const first = setting('SEALBOOK_SEED', Date.now() % 1_000_000)
export const seedsOfCases = Array.from(
  { length: setting('SEALBOOK_CASES', 2) },
  (_, index) => first + index,
)
