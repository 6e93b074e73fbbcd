import { build } from 'esbuild'

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
    // Reads files beside itself.
    external: ['@fastify/swagger-ui', 'pg-native'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
}

if (process.argv[1] === import.meta.filename) await bundle()
