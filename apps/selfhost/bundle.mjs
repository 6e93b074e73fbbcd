import { build } from 'esbuild'
import { cp } from 'node:fs/promises'
import path from 'node:path'

const here = import.meta.dirname
const root = path.join(here, '../..')

/**
 * Bundles the workspace packages into `<outDir>/main.js` and puts the files that it reads beside
 * it. Packages of node_modules stay where npm has put them: ADR 0003.
 *
 * @param {string} outDir in this repository, where node_modules is found
 * @returns {Promise<string[]>} every file that went into the bundle, relative to the repository
 */
export async function bundle(outDir) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(here, 'src/main.ts')],
    outfile: path.join(outDir, 'main.js'),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
    // Without 'module': Node does not know that condition and would get ESM that it cannot load.
    conditions: [],
    mainFields: ['main'],
    plugins: [leaveInstalledPackages(outDir)],
  })
  const migrations = path.join(root, 'apps/server/migrations')
  await cp(migrations, path.join(outDir, 'migrations'), { recursive: true })
  await cp(path.join(root, 'powersync/sync_rules.yaml'), path.join(outDir, 'sync_rules.yaml'))
  return Object.keys(metafile.inputs)
}

/**
 * Makes every import of node_modules external. One that npm could not hoist (apps/server has
 * versions of its own) is not found from dist, so it is named by its file.
 */
function leaveInstalledPackages(outDir) {
  return {
    name: 'leave-installed-packages',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, async ({ path: specifier, pluginData, kind, resolveDir }) => {
        if (pluginData === 'resolving' || kind === 'entry-point') return undefined
        if (specifier.startsWith('@sealbook/')) return undefined
        if (specifier.startsWith('node:')) return { path: specifier, external: true }
        const found = await resolve(specifier, { resolveDir, kind, pluginData: 'resolving' })
        if (found.errors.length > 0) return { errors: found.errors }
        const hoisted = path.join(root, 'node_modules') + path.sep
        if (found.external || found.path.startsWith(hoisted))
          return { path: specifier, external: true }
        const relative = path.relative(outDir, found.path).replaceAll(path.sep, '/')
        return { path: relative, external: true }
      })
    },
  }
}
