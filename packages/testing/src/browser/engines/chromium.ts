import { chromium, type Page } from 'playwright-core'
import { chromiumArgs, findChromium } from '../chromium.ts'
import type { StartBrowser } from './device.ts'
import { startKept } from './kept-process.ts'
import { enginePage, type EnginePage } from './page.ts'

export const startChromium: StartBrowser = async (profile, env) => {
  const kept = startKept(
    profile,
    findChromium() ?? chromium.executablePath(),
    [
      ...chromiumArgs,
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--window-size=1280,900',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    env,
  )
  const [, endpoint = ''] = await kept.says(/DevTools listening on (ws:\S+)/)
  const browser = await chromium.connectOverCDP(endpoint)
  const [context] = browser.contexts()
  if (context === undefined) throw new Error('the browser has no context')
  return {
    newPage: async () => drive(await context.newPage()),
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
    evaluate: (expression) => page.evaluate<string | undefined>(expression),
    clickAt: (x, y) => page.mouse.click(x, y),
    type: (text) => page.keyboard.type(text),
    press: (key, held) => page.keyboard.press([...held, key].join('+')),
    screenshot: () => page.screenshot(),
    close: () => page.close(),
  })
}
