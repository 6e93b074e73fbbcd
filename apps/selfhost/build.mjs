// npm run build: the bundle, and compressed copies of the built web app for the network.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { bundle } from './bundle.mjs'

const outDir = path.join(import.meta.dirname, 'dist')
const siteDir = path.join(import.meta.dirname, '../web/dist')

const compressible = new Set([
  '.html',
  '.js',
  '.mjs',
  '.css',
  '.svg',
  '.json',
  '.wasm',
  '.webmanifest',
])
const minCompressibleBytes = 1_024
const brotliQuality = 9 // 11 takes ten times as long for 5 %

await rm(outDir, { recursive: true, force: true })
await bundle(outDir)
await compressSite()

async function compressSite() {
  const entries = await readdir(siteDir, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && compressible.has(path.extname(entry.name)))
    .map((entry) => path.join(entry.parentPath, entry.name))
  for (const file of files) await compress(file)
}

async function compress(file) {
  const bytes = await readFile(file)
  if (bytes.length < minCompressibleBytes) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality }
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(bytes, { params }),
    promisify(gzip)(bytes),
  ])
  await writeFile(`${file}.br`, brotli)
  await writeFile(`${file}.gz`, gzipped)
}
