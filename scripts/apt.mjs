import { execFileSync } from 'node:child_process'
import { run } from './run.mjs'

const options = { timeoutMs: 300_000, env: { DEBIAN_FRONTEND: 'noninteractive' } }

/** Where a program lies, or undefined. */
export function which(name) {
  try {
    return execFileSync('which', [name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

/** Whether packages of the distribution may be installed by this process: root on Debian's kind. */
export function mayInstall() {
  return process.getuid?.() === 0 && which('apt-get') !== undefined
}

/** Installs packages of the distribution. Asks first whether it may. */
export async function installByApt(packages) {
  console.log(`Installing ${packages.join(', ')} by apt-get…`)
  await run('apt-get', ['update'], options)
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options)
}
