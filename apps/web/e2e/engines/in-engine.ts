import { test as base } from '@playwright/test'
import { startStack, type Stack } from '@sealbook/testing/browser'
import {
  launchEngine,
  type DeviceOptions,
  type EngineDevice,
  type EngineName,
  type EnginePage,
} from '@sealbook/testing/engines'

export { expect } from '@playwright/test'

export interface EngineOptions {
  readonly engine: EngineName
}

interface InEngine {
  /** A device more; all are closed after the test. */
  readonly launch: (options?: DeviceOptions) => Promise<EngineDevice>
  /** A window of a device of its own. */
  readonly tab: EnginePage
}

interface PerEngine extends EngineOptions {
  /** One for all tests in one engine. Who stops it starts it again. */
  readonly stack: Stack
}

/** A test that runs in each of the three engines (ADR 51). */
export const test = base.extend<InEngine, PerEngine>({
  engine: ['chromium', { option: true, scope: 'worker' }],
  stack: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names from the pattern.
    async ({}, use) => {
      const stack = await startStack()
      await use(stack)
      await stack.dispose()
    },
    { scope: 'worker' },
  ],
  launch: async ({ engine }, use) => {
    const devices: EngineDevice[] = []
    await use(async (options) => {
      const device = await launchEngine(engine, options)
      devices.push(device)
      return device
    })
    await Promise.all(devices.map((device) => device.close()))
  },
  tab: async ({ launch }, use) => {
    const device = await launch()
    await use(await device.newPage())
  },
})
