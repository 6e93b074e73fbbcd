import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Account } from './account.ts'
import type { PostgresMajor } from './major.ts'
import { PostgresStartError } from './start-error.ts'

/** The database superuser's name. */
export const superuser = 'sealbook'

const passwordBytes = 24

/**
 * Where Postgres finds its data directory. Root may keep data where an unprivileged account
 * cannot come by path (/root has mode 0700). A process reaches its own working directory through
 * /proc whatever the directories above it permit, and Node enters it before it drops privileges.
 */
export function dataArgument(clusterDir: string, account: Account | undefined): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : clusterDir
}

/** Nothing of the person's environment: no PG* variable, no locale. */
export const cleanEnvironment = { PATH: process.env['PATH'] ?? '', LANG: 'C', TZ: 'UTC' }

/**
 * Makes the cluster unless there is one: UTF8, locale C.UTF-8, scram passwords, page checksums.
 *
 * @returns the superuser's password, kept in `passwordFile` with mode 0600.
 */
export async function ensureCluster(paths: {
  readonly major: PostgresMajor
  readonly binDir: string
  readonly clusterDir: string
  readonly passwordFile: string
  readonly account: Account | undefined
}): Promise<string> {
  const { major, binDir, clusterDir, passwordFile, account } = paths
  const entries = await readdir(clusterDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw notPermitted(clusterDir, error)
  })
  // Written last, so a set-up that was killed half-way starts again.
  const kept = await readFile(passwordFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw notPermitted(passwordFile, error)
  })
  if (entries?.includes('PG_VERSION') && kept !== undefined) return kept

  await rm(clusterDir, { recursive: true, force: true })
  await mkdir(clusterDir, { mode: 0o700 })
  if (account) await chown(clusterDir, account.uid, account.gid)
  const password = randomBytes(passwordBytes).toString('base64url')
  await runInitdb({ major, binDir, clusterDir, password, account })
  await writeFile(passwordFile, password, { mode: 0o600 })
  await chmod(passwordFile, 0o600)
  return password
}

async function runInitdb(run: {
  readonly major: PostgresMajor
  readonly binDir: string
  readonly clusterDir: string
  readonly password: string
  readonly account: Account | undefined
}): Promise<void> {
  const { major, binDir, clusterDir, password, account } = run
  const handoverDir = await mkdtemp(path.join(tmpdir(), 'sealbook-initdb-'))
  const handover = path.join(handoverDir, 'password')
  try {
    await writeFile(handover, `${password}\n`, { mode: 0o600 })
    if (account) {
      await chown(handover, account.uid, account.gid)
      await chown(handoverDir, account.uid, account.gid)
    }
    await promisify(execFile)(
      path.join(binDir, 'initdb'),
      [
        `--pgdata=${dataArgument(clusterDir, account)}`,
        `--username=${superuser}`,
        `--pwfile=${handover}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--data-checksums',
        ...localeArguments(major),
      ],
      { cwd: clusterDir, env: cleanEnvironment, ...account },
    )
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new PostgresStartError('failed', `initdb failed. ${stderr?.trim() ?? ''}`, error)
  } finally {
    await rm(handoverDir, { recursive: true, force: true })
  }
}

/** From 17 on Postgres has a C.UTF-8 of its own, alike on every machine; before, Linux' is as good. */
function localeArguments(major: PostgresMajor): string[] {
  if (major >= 17) return ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  return [process.platform === 'linux' ? '--locale=C.UTF-8' : '--locale=C']
}

function notPermitted(file: string, cause: NodeJS.ErrnoException): PostgresStartError {
  return new PostgresStartError(
    'not-permitted',
    `Cannot read ${file} (${cause.code}). It was made by another account: start Sealbook as ` +
      'that one, or choose another data directory.',
    cause,
  )
}
