// Bundles the benchmarks and runs them: the workspace packages are TypeScript.
import { build } from 'esbuild'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const outfile = fileURLToPath(new URL('.cache/bench.mjs', import.meta.url))
await mkdir(new URL('.cache', import.meta.url), { recursive: true })
await build({
  entryPoints: [fileURLToPath(new URL('src/main.ts', import.meta.url))],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  alias: workspaceSources(),
  logLevel: 'warning',
})
await import(pathToFileURL(outfile).href)

/** `packages: 'external'` would leave our own packages out, which Node cannot read. */
function workspaceSources() {
  const source = (name) => fileURLToPath(new URL(`../${name}/src/index.ts`, import.meta.url))
  return {
    '@sealbook/crypto': source('crypto'),
    '@sealbook/schema': source('schema'),
    '@sealbook/pg-runtime': source('pg-runtime'),
    '@sealbook/testing/browser': fileURLToPath(
      new URL('../testing/src/browser/index.ts', import.meta.url),
    ),
  }
}
