import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { installByApt, mayInstall, which } from './apt.mjs'
import { root, run } from './run.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const installTimeoutMs = 300_000

/**
 * A Chromium that runs here: `CHROMIUM_PATH`, one on the PATH, Playwright's; else it is
 * downloaded by Playwright, else installed by apt where that is allowed.
 *
 * @returns {Promise<string | undefined>} its path; undefined after telling the person what to do
 */
export async function ensureChromium() {
  const found = [process.env.CHROMIUM_PATH, ...names.map(which), playwrightPath()].find(runs)
  if (found) return found

  console.log('No Chromium found. Playwright downloads one…')
  const cli = path.join(root, 'node_modules/playwright-core/cli.js')
  const options = { timeoutMs: installTimeoutMs }
  await run(process.execPath, [cli, 'install', 'chromium'], options)
  if (runs(playwrightPath())) return playwrightPath()

  if (mayInstall()) {
    await installByApt(['chromium'])
    const installed = names.map(which).find(runs)
    if (installed) return installed
    // Playwright's own may only lack system libraries.
    await run(process.execPath, [cli, 'install-deps', 'chromium'], options)
    if (runs(playwrightPath())) return playwrightPath()
  }
  console.error('No Chromium could be installed. Install Chromium or Chrome yourself, or set')
  console.error('CHROMIUM_PATH to one, and run npm test again.')
  return undefined
}

function playwrightPath() {
  const require = createRequire(path.join(root, 'package.json'))
  return require('playwright-core').chromium.executablePath()
}

/** A file that is there may still lack libraries, or be a stub that wants a snap. */
function runs(file) {
  if (!file || !existsSync(file)) return false
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom', 'about:blank']
  return spawnSync(file, args, { stdio: 'ignore', timeout: 60_000 }).status === 0
}
