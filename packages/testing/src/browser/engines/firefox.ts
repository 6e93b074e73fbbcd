import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import puppeteer, { type KeyInput, type Page } from 'puppeteer-core'
import type { StartBrowser } from './device.ts'
import { startKept } from './kept-process.ts'
import { enginePage, type EnginePage } from './page.ts'

/** Nothing asks, nothing is fetched from Mozilla. */
const preferences: Readonly<Record<string, boolean | number | string>> = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.aboutwelcome.enabled': false,
  'browser.newtabpage.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.blocklist.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://localhost:1/none',
  'toolkit.telemetry.server': 'http://localhost:1/none',
}

export const startFirefox: StartBrowser = async (profile, env) => {
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(profile, 'user.js'), lines.join(''))
  const kept = startKept(
    profile,
    process.env['FIREFOX_PATH'] ?? 'firefox-esr',
    [
      '--headless',
      '--no-remote',
      '--width=1280',
      '--height=900',
      '--remote-debugging-port=0',
      `--profile=${profile}`,
      'about:blank',
    ],
    env,
  )
  const [, endpoint = ''] = await kept.says(/WebDriver BiDi listening on (ws:\S+)/)
  const browser = await puppeteer.connect({
    browserWSEndpoint: `${endpoint}/session`,
    protocol: 'webDriverBiDi',
    defaultViewport: null,
  })
  return {
    newPage: async () => drive(await browser.newPage()),
    kill: () => kept.kill(),
    end: () => kept.end(),
  }
}

function drive(page: Page): EnginePage {
  return enginePage({
    goto: async (url) => {
      await page.goto(url)
    },
    reload: async () => {
      await page.reload()
    },
    evaluate: async (expression) => (await page.evaluate(expression)) as string | undefined,
    clickAt: (x, y) => page.mouse.click(x, y),
    type: (text) => page.keyboard.type(text),
    press: async (key, held) => {
      for (const name of held) await page.keyboard.down(name)
      await page.keyboard.press(key as KeyInput)
      for (const name of held.toReversed()) await page.keyboard.up(name)
    },
    screenshot: async () => Buffer.from(await page.screenshot()),
    close: () => page.close(),
  })
}
