import { defineConfig } from '@playwright/test'
import { chromiumArgs, findChromium } from '@sealbook/testing/browser'
import { engineNames } from '@sealbook/testing/engines'
import type { EngineOptions } from './e2e/engines/in-engine.ts'

const executablePath = findChromium()
/** Where `npm test` reads the results. */
const report = process.env['PLAYWRIGHT_REPORT'] ?? 'test-results/results.json'

/** Every file starts the stack that it needs, on a free port; two cores bear one browser test at a time. */
export default defineConfig<object, EngineOptions>({
  testDir: 'e2e',
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: report }]],
  outputDir: 'test-results/artifacts',
  use: {
    browserName: 'chromium',
    actionTimeout: 20_000,
    launchOptions: { args: chromiumArgs, ...(executablePath ? { executablePath } : {}) },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  },
  projects: [
    { name: 'app', testIgnore: 'engines/**' },
    ...engineNames.map((engine) => ({
      name: engine,
      testMatch: 'engines/*.spec.ts',
      use: { engine },
    })),
  ],
})
