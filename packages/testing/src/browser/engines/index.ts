import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChromium } from './chromium.ts'
import type { DeviceOptions, EngineDevice, EngineName, StartBrowser } from './device.ts'
import { startFirefox } from './firefox.ts'
import { startWebKit } from './webkit.ts'

export * from './ledger.ts'
export * from './person.ts'
export { engineNames, type DeviceOptions, type EngineDevice, type EngineName } from './device.ts'
export type { EnginePage, WaitOptions } from './page.ts'
export type { Target } from './target.ts'

const starts: Readonly<Record<EngineName, StartBrowser>> = {
  chromium: startChromium,
  firefox: startFirefox,
  webkit: startWebKit,
}

/**
 * A fresh device. Its browser and profile are gone after `close`, and also when the process that
 * asked for it is killed.
 *
 * @throws when the engine is not installed or does not start within a minute.
 */
export async function launchEngine(
  engine: EngineName,
  { locale = 'en_US.UTF-8' }: DeviceOptions = {},
): Promise<EngineDevice> {
  const profile = await mkdtemp(join(tmpdir(), `sealbook-${engine}-`))
  const env = {
    LANG: locale,
    LC_ALL: locale,
    LANGUAGE: undefined,
    TZ: 'Europe/Berlin',
  }
  let browser = await starts[engine](profile, env)
  return {
    engine,
    newPage: () => browser.newPage(),
    kill: () => browser.kill(),
    restart: async () => {
      browser = await starts[engine](profile, env)
    },
    close: async () => {
      await browser.end()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
