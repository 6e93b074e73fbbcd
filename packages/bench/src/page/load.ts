import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import type * as appCode from './app-code.ts'
import type * as plainCode from './plain-app.ts'

declare global {
  /** In a page of the app, after `loadAppCode`. */
  var sealbookApp: typeof appCode
  /** In a page of `servePlainApp`. */
  var plainApp: typeof plainCode
}

/** Makes `sealbookApp` known to what is evaluated in the page. */
export async function loadAppCode(page: Page): Promise<void> {
  await page.evaluate(await readFile(path.resolve('.cache/app-code.js'), 'utf8'))
}
