// Bundles the benchmarks and runs them: the workspace packages are TypeScript.
import { build } from 'esbuild'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const source = (file) => fileURLToPath(new URL(`src/${file}`, import.meta.url))
const outdir = fileURLToPath(new URL('.cache', import.meta.url))
// The engine and the server run in processes of their own, each where its packages are found.
await bundle({ bench: 'main.ts', 'engine-child': 'sync/engine-child.ts' }, outdir)
await bundle(
  { 'server-child': 'upload/server-child.ts' },
  fileURLToPath(new URL('../../apps/server/.cache', import.meta.url)),
)
await bundlePage('app-code', 'sealbookApp')
await bundlePage('plain-app', 'plainApp')
await import(pathToFileURL(`${outdir}/bench.mjs`).href)

async function bundle(files, outdir) {
  await mkdir(outdir, { recursive: true })
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(files).map(([name, file]) => [name, source(file)]),
    ),
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
}

/** A script that a page evaluates; what it exports is the global of that name. */
async function bundlePage(name, globalName) {
  await build({
    entryPoints: [source(`page/${name}.ts`)],
    outfile: `${outdir}/${name}.js`,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName,
    // `var` alone would be local to what evaluates it.
    footer: { js: `globalThis.${globalName} = ${globalName}` },
    target: 'es2022',
    alias: workspaceSources(),
    logLevel: 'warning',
  })
}

/** `packages: 'external'` would leave our own packages out, which Node cannot read. */
function workspaceSources() {
  const from = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url))
  return {
    '@sealbook/crypto-router': from('crypto-router/src/index.ts'),
    '@sealbook/crypto': from('crypto/src/index.ts'),
    '@sealbook/ledger': from('ledger/src/index.ts'),
    '@sealbook/schema/digest': from('schema/src/digest.ts'),
    '@sealbook/schema/upload': from('schema/src/upload.ts'),
    '@sealbook/schema/powersync': from('schema/src/powersync.ts'),
    '@sealbook/schema': from('schema/src/index.ts'),
    '@sealbook/pg-runtime': from('pg-runtime/src/index.ts'),
    '@sealbook/server': from('../apps/server/src/index.ts'),
    '@sealbook/sync-engine': from('sync-engine/src/index.ts'),
    '@sealbook/web/bench': from('../apps/web/src/bench.ts'),
    '@sealbook/testing/browser': from('testing/src/browser/index.ts'),
  }
}
