import { build } from 'esbuild'

/** Packages that read files beside themselves, so they stay outside the bundle. */
export const external = ['@fastify/swagger-ui']

/** One file for Node; the SQL stays in migrations/, beside dist/. */
export async function bundle(outfile = 'dist/main.js') {
  await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The latter is not installed: pg asks for it and goes on without.
    external: [...external, 'pg-native'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
}

if (process.argv[1] === import.meta.filename) await bundle()
