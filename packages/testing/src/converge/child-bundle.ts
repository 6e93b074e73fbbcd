import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { workspaceSources } from '../workspace-sources.ts'

/** A program of this suite as one file, where it finds its dependencies; and what removes it. */
export interface ChildBundle {
  readonly file: string
  remove(): Promise<void>
}

/** @param workspace whose dependencies it needs: not every one lies at the root. */
export async function bundleChild(entry: string, workspace: string): Promise<ChildBundle> {
  const root = path.join(import.meta.dirname, '../../../..')
  const file = path.join(root, workspace, '.cache', `converge-${randomUUID()}.mjs`)
  await build({
    entryPoints: [path.join(import.meta.dirname, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [workspaceSources],
  })
  return { file, remove: () => rm(file, { force: true }) }
}
