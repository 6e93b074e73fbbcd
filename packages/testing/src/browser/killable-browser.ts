import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chromium, type BrowserContext } from 'playwright-core'
import { freePort } from '@sealbook/pg-runtime'
import { chromiumArgs, findChromium } from './chromium.ts'

const connectTimeoutMs = 30_000

/** A Chromium whose profile outlives it, and that can be killed as a power cut would. */
export interface KillableBrowser {
  readonly context: BrowserContext
  /** Address of its debugging port, for tools beside Playwright. */
  readonly devtools: string
  /** Its first process: the others descend from it. */
  readonly pid: number
  /** SIGKILL to the browser and all its children, at once. */
  kill(): Promise<void>
  /** As a person closes it: cookies, which Chromium writes every 30 s, are on disk afterwards. */
  quit(): Promise<void>
}

/** @param userDataDir profile folder; the same folder again is the same device after a crash. */
export async function launchKillableBrowser(userDataDir: string): Promise<KillableBrowser> {
  const port = await freePort()
  const child = spawn(
    findChromium() ?? chromium.executablePath(),
    [
      ...chromiumArgs,
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      `--remote-debugging-port=${port}`,
      `--user-data-dir=${userDataDir}`,
      'about:blank',
    ],
    { detached: true, stdio: 'ignore' },
  )
  const exited = once(child, 'exit')
  const devtools = `http://127.0.0.1:${port}`
  const deadline = Date.now() + connectTimeoutMs
  for (;;) {
    try {
      const browser = await chromium.connectOverCDP(devtools)
      const [context] = browser.contexts()
      if (context === undefined) throw new Error('the browser has no context')
      return {
        context,
        devtools,
        pid: child.pid ?? 0,
        kill: async () => {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
          await exited
        },
        quit: async () => {
          const session = await browser.newBrowserCDPSession()
          await session.send('Browser.close')
          await exited
        },
      }
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
