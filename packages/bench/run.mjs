// Bundles the benchmarks and runs them: the workspace packages are TypeScript.
import { build } from 'esbuild'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const source = (file) => fileURLToPath(new URL(`src/${file}`, import.meta.url))
const outdir = fileURLToPath(new URL('.cache', import.meta.url))
await mkdir(outdir, { recursive: true })
await build({
  // The sync engine runs in a process of its own.
  entryPoints: { bench: source('main.ts'), 'engine-child': source('sync/engine-child.ts') },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  alias: workspaceSources(),
  logLevel: 'warning',
})
await import(pathToFileURL(`${outdir}/bench.mjs`).href)

/** `packages: 'external'` would leave our own packages out, which Node cannot read. */
function workspaceSources() {
  const from = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url))
  return {
    '@sealbook/crypto-router': from('crypto-router/src/index.ts'),
    '@sealbook/crypto': from('crypto/src/index.ts'),
    '@sealbook/schema/digest': from('schema/src/digest.ts'),
    '@sealbook/schema/powersync': from('schema/src/powersync.ts'),
    '@sealbook/schema': from('schema/src/index.ts'),
    '@sealbook/pg-runtime': from('pg-runtime/src/index.ts'),
    '@sealbook/sync-engine': from('sync-engine/src/index.ts'),
    '@sealbook/testing/browser': from('testing/src/browser/index.ts'),
  }
}
