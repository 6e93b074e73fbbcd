import type { Plugin } from 'esbuild'

/** Everything but workspace packages, which are TypeScript, stays outside the bundle. */
export const workspaceSources: Plugin = {
  name: 'workspace-sources',
  setup(bundling) {
    bundling.onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path.startsWith('@sealbook/') ? undefined : { path, external: true },
    )
  },
}
