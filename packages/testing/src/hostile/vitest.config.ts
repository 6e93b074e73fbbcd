import { defineConfig } from 'vitest/config'

/** `npm run test:hostile`: apart from the other tests, since it needs the built app and a browser. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.case.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxConcurrency: 2,
    maxWorkers: 2,
  },
})
