import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { npm, root } from './run.mjs'

/**
 * Installs the locked packages unless they are there. No install script runs: nothing that the
 * app needs has one (ADR 0004), and compiling a test's SQLite would cost the first start minutes.
 */
export async function ensureInstalled() {
  if (await isInstalled()) return
  console.log('Installing packages…')
  const code = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  if (code !== 0) {
    console.error('npm ci failed. Is the network reachable? See the messages above.')
    process.exit(code)
  }
}

/** Compares what npm noted after the last install with what the lock file asks for. */
async function isInstalled() {
  const [wanted, present] = await Promise.all([
    readPackages(path.join(root, 'package-lock.json')),
    readPackages(path.join(root, 'node_modules/.package-lock.json')),
  ])
  if (!present) return false
  return Object.entries(wanted).every(([name, { version, optional, peer, link }]) => {
    if (name === '' || !name.includes('node_modules/') || link) return true
    const found = present[name]
    return found ? found.version === version : optional || peer
  })
}

async function readPackages(file) {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text).packages
}
