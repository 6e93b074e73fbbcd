import { defineConfig } from 'vitest/config'

/** `npm run test:hostile`: apart from the other tests, since it needs the built app and a browser. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.case.ts'],
    // A guard against what hangs; a case takes some seconds.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxConcurrency: 2,
    maxWorkers: 2,
  },
})
