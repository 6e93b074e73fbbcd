import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bundle, external } from './build.mjs'

const here = import.meta.dirname
/** What packages carry and no server runs. */
const ballast =
  /[\\/](\.github|\.vscode|test|tests|__tests__|example|examples|benchmark|benchmarks|docs)([\\/]|$)|\.(map|md|markdown|[cm]?ts)$|[\\/](\.[^\\/]+|tsconfig[^\\/]*|eslint\.config\.js)$/
const kept = /licen[cs]e/i

/**
 * Puts all that the server runs into a folder of its own: the bundle, the SQL, and the packages that
 * the bundle leaves outside, with what those need. Readable for every account, whatever the umask of
 * the checkout was.
 *
 * @param {string} outDir emptied first
 */
export async function deploy(outDir) {
  await rm(outDir, { recursive: true, force: true })
  await mkdir(outDir, { recursive: true })
  await bundle(path.join(outDir, 'dist/main.js'))
  await cp(path.join(here, 'migrations'), path.join(outDir, 'migrations'), { recursive: true })
  await writeFile(path.join(outDir, 'package.json'), '{ "type": "module" }\n')
  const copied = new Map()
  for (const name of external) await copyPackage(name, here, outDir, copied)
  await makeReadable(outDir)
}

/** Keeps how packages lie in each other, so that each finds the same ones as before. */
async function copyPackage(name, from, outDir, copied) {
  const source = await findPackage(name, from)
  const target = path.join(
    outDir,
    source.slice(source.indexOf(`${path.sep}node_modules${path.sep}`)),
  )
  if (copied.get(target) === source) return
  if (copied.has(target)) throw new Error(`two packages for ${target}`)
  copied.set(target, source)
  await cp(source, target, {
    recursive: true,
    filter: (file) => {
      const inside = file.slice(source.length)
      if (inside.startsWith(`${path.sep}node_modules`)) return false
      return kept.test(inside) || !ballast.test(inside)
    },
  })
  const manifest = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8'))
  for (const needed of Object.keys(manifest.dependencies ?? {})) {
    await copyPackage(needed, source, outDir, copied)
  }
}

/** As Node looks for it. */
async function findPackage(name, from) {
  for (let at = from; ; at = path.dirname(at)) {
    const found = path.join(at, 'node_modules', name)
    if (await stat(path.join(found, 'package.json')).catch(() => undefined)) return found
    if (at === path.dirname(at)) throw new Error(`${name} is not installed`)
  }
}

async function makeReadable(folder) {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) await makeReadable(file)
    else await chmod(file, 0o644)
  }
}

if (process.argv[1] === import.meta.filename) {
  const [outDir] = process.argv.slice(2)
  if (outDir === undefined) throw new Error('usage: node deploy.mjs <folder>')
  await deploy(path.resolve(outDir))
}
