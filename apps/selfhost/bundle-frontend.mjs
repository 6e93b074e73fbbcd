import { build } from 'esbuild'
import path from 'node:path'

/**
 * Bundles the frontend container's process into one file that needs no node_modules.
 *
 * @param {string} outfile
 */
export async function bundleFrontend(outfile) {
  await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/frontend/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
}

if (process.argv[1] === import.meta.filename) {
  await bundleFrontend(path.resolve(process.argv[2] ?? 'dist/frontend.js'))
}
