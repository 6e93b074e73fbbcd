import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Builder, Key, Origin, type WebDriver } from 'selenium-webdriver'
import { freePort } from '@sealbook/pg-runtime'
import type { StartBrowser } from './device.ts'
import { startKept } from './kept-process.ts'
import { enginePage, type EnginePage } from './page.ts'

const settleMs = 300_000

/**
 * JavaScriptCore's second optimising compiler works for some 40 s of one core on SQLite's largest
 * function. On two cores it has one thread, and until that is done no other module of the process
 * is compiled: after a reload the app would wait for the compiler of the page before (ADR 51).
 */
const withoutLongCompilation = { JSC_useOMGJIT: '0' }

export const startWebKit: StartBrowser = async (profile, env) => {
  const display = startKept(await mkdtemp(join(tmpdir(), 'sealbook-display-')), 'Xvfb', [
    ...['-displayfd', '1', '-screen', '0', '1280x1000x24', '-nolisten', 'tcp', '-noreset'],
  ])
  const [number = ''] = await display.says(/^\d+$/m)
  const port = await freePort()
  const driver = startKept(profile, 'WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    ...env,
    ...withoutLongCompilation,
    DISPLAY: `:${number}`,
    WAYLAND_DISPLAY: undefined,
    HOME: profile,
  })
  const end = async () => {
    await driver.end()
    await display.end()
  }
  try {
    const url = `http://127.0.0.1:${port}`
    await untilItAnswers(`${url}/status`)
    const session = await startSession(url)
    return {
      newPage: () => openWindow(session),
      kill: async () => {
        await driver.kill()
        await display.end()
      },
      end,
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** A WebDriver session talks to one window at a time, so its commands go in turn. */
interface Session {
  inWindow<T>(handle: string | undefined, work: (driver: WebDriver) => Promise<T>): Promise<T>
}

async function startSession(url: string): Promise<Session> {
  const driver = await new Builder()
    .usingServer(url)
    .withCapabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: findMiniBrowser(), args: ['--automation'] },
    })
    .build()
  await driver.manage().setTimeouts({ script: settleMs, pageLoad: settleMs, implicit: 0 })
  let current: string | undefined
  let turn: Promise<unknown> = Promise.resolve()
  return {
    inWindow: (handle, work) => {
      const mine = turn.then(async () => {
        if (handle !== undefined && handle !== current) await driver.switchTo().window(handle)
        current = handle
        return await work(driver)
      })
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

async function openWindow(session: Session): Promise<EnginePage> {
  const handle = await session.inWindow(undefined, async (driver) => {
    await driver.switchTo().newWindow('window')
    await driver.manage().window().setRect({ x: 0, y: 0, width: 1280, height: 1000 })
    return await driver.getWindowHandle()
  })
  const here = <T>(work: (driver: WebDriver) => Promise<T>) => session.inWindow(handle, work)
  return enginePage({
    goto: (url) => here((driver) => driver.get(url)),
    reload: () => here((driver) => driver.navigate().refresh()),
    evaluate: (expression) =>
      here(async (driver) => {
        const { value, error } = await driver.executeAsyncScript<Answer>(
          `const done = arguments[0];
          ${expression}.then((value) => done({ value }), (error) => done({ error: String(error) }))`,
        )
        if (typeof error === 'string') throw new Error(error)
        return value ?? undefined
      }),
    clickAt: (x, y) =>
      here((driver) => driver.actions().move({ x, y, origin: Origin.VIEWPORT }).click().perform()),
    type: (text) => here((driver) => driver.actions().sendKeys(text).perform()),
    press: (key, held) =>
      here(async (driver) => {
        const actions = driver.actions()
        for (const name of held) actions.keyDown(codeOf(name))
        actions.sendKeys(codeOf(key))
        for (const name of held.toReversed()) actions.keyUp(codeOf(name))
        await actions.perform()
      }),
    screenshot: async () => Buffer.from(await here((driver) => driver.takeScreenshot()), 'base64'),
    close: () => here((driver) => driver.close()),
  })
}

interface Answer {
  readonly value?: string | null
  readonly error?: string | null
}

/** WebDriver writes keys without a character as private code points. */
function codeOf(key: string): string {
  const name = key.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase()
  const code = (Key as unknown as Readonly<Record<string, unknown>>)[name]
  return typeof code === 'string' ? code : key
}

function findMiniBrowser(): string {
  const found = ['x86_64', 'aarch64']
    .map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`)
    .find((file) => existsSync(file))
  if (found === undefined) throw new Error('no MiniBrowser: install webkit2gtk-driver')
  return found
}

async function untilItAnswers(url: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      if ((await fetch(url)).ok) return
    } catch (error) {
      if (tries > 600) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
