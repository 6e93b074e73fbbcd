import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { npm, root } from './run.mjs'

const stampFile = path.join(root, '.cache/build.json')

const products = [
  { workspace: 'apps/web', name: '@sealbook/web', output: 'apps/web/dist/index.html' },
  { workspace: 'apps/selfhost', name: '@sealbook/selfhost', output: 'apps/selfhost/dist/main.js' },
]

/** Read by every build. */
const sharedFiles = ['package-lock.json', 'tsconfig.base.json']
/** Read by the selfhost build besides code. */
const extraFolders = { 'apps/selfhost': ['powersync'] }
const ignored = /^(node_modules|dist|e2e|\.cache|test-results|playwright-report)$|\.test\.tsx?$/

/**
 * Builds what is older than its sources. A build that is cut short is done again.
 *
 * @returns {Promise<boolean>} whether all is built now
 */
export async function ensureBuilt() {
  const stamps = await readStamps()
  let rebuilt = false
  for (const { workspace, name, output } of products) {
    const hash = await hashSources(workspace)
    // The second compresses what the first has made.
    if (!rebuilt && stamps[name] === hash && existsSync(path.join(root, output))) continue
    rebuilt = true
    console.log(`Building ${workspace}…`)
    delete stamps[name]
    await writeStamps(stamps)
    if ((await npm(['run', '--silent', 'build', '--workspace', name])) !== 0) return false
    stamps[name] = hash
    await writeStamps(stamps)
  }
  return true
}

async function hashSources(workspace) {
  const folders = [...(await closure(workspace)), ...(extraFolders[workspace] ?? [])].sort()
  const files = (await Promise.all(folders.map(listFiles))).flat().concat(sharedFiles)
  const contents = await Promise.all(files.map((file) => readFile(path.join(root, file))))
  const hash = createHash('sha256').update(process.versions.node.split('.')[0])
  files.forEach((file, index) => {
    hash.update(`${file}\0${contents[index].length}\0`).update(contents[index])
  })
  return hash.digest('hex')
}

/** A workspace and all workspaces that it imports, however indirectly. */
async function closure(workspace, seen = new Set()) {
  if (seen.has(workspace)) return seen
  seen.add(workspace)
  const manifest = await readFile(path.join(root, workspace, 'package.json'), 'utf8')
  for (const name of Object.keys(JSON.parse(manifest).dependencies ?? {})) {
    const folder = name.replace('@sealbook/', '')
    if (folder === name) continue
    const found = [`packages/${folder}`, `apps/${folder}`].find((at) =>
      existsSync(path.join(root, at)),
    )
    if (found) await closure(found, seen)
  }
  return seen
}

async function listFiles(folder) {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true })
  const nested = entries
    .filter(({ name }) => !ignored.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => {
      const file = `${folder}/${entry.name}`
      return entry.isDirectory() ? listFiles(file) : [file]
    })
  return (await Promise.all(nested)).flat()
}

async function readStamps() {
  try {
    return JSON.parse(await readFile(stampFile, 'utf8'))
  } catch {
    return {} // none yet, or half-written
  }
}

async function writeStamps(stamps) {
  await mkdir(path.dirname(stampFile), { recursive: true })
  await writeFile(stampFile, JSON.stringify(stamps))
}
