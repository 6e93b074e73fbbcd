import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { chooseAccount, type Account } from './account.ts'
import { prepareBinaries } from './binaries.ts'
import { cleanEnvironment, dataArgument, ensureCluster, superuser } from './cluster.ts'
import { freePort } from './free-port.ts'
import { type PostgresMajor, shippedMajor } from './major.ts'
import { claim } from './owner.ts'
import { readPostmasterFile, stopOrphan } from './postmaster-file.ts'
import { PostgresStartError } from './start-error.ts'

const host = '127.0.0.1'
const pollMs = 10
const readyTimeoutMs = 120_000 // crash recovery may have much to replay
const fastShutdownMs = 20_000
const logLimitBytes = 8 * 1024 * 1024
const quotedLogLines = 12

/** Fixed for every cluster. */
const baseSettings: Readonly<Record<string, string>> = {
  listen_addresses: host,
  unix_socket_directories: '',
  wal_level: 'logical',
  max_replication_slots: '20',
  max_wal_senders: '20',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The log holds no statement and no row, only what went wrong.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

/** What to start. */
export interface PostgresOptions {
  /** Holds the cluster, its superuser password and its log; made when missing. */
  readonly dataDir: string
  /** A free one is found when left out. */
  readonly port?: number
  /** Where Postgres' own log goes; `<dataDir>/postgres.log` when left out. */
  readonly logFile?: string
  /** 18, which ships, when left out. */
  readonly major?: PostgresMajor
  /** Further `postgresql.conf` settings for this run, for instance `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A running Postgres, a child of this process. */
export interface PostgresServer {
  /** `postgres://` address of database `postgres` as the superuser. Holds the password. */
  readonly url: string
  readonly port: number
  readonly binDir: string
  readonly pid: number
  /** Resolves when the server is gone, whether stopped or crashed. */
  readonly exited: Promise<void>
  /** Fast shutdown: ends connections, writes a checkpoint. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts a real Postgres on loopback with password authentication and logical replication. Makes
 * the cluster at first; later recovers it, whatever happened to the last run. As root, the server
 * runs as an unprivileged account.
 *
 * @throws {PostgresStartError}
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = path.resolve(options.dataDir)
  const clusterDir = path.join(dataDir, 'cluster')
  const ownerFile = path.join(dataDir, 'owner.json')
  const logFile = options.logFile ?? path.join(dataDir, 'postgres.log')
  await mkdir(dataDir, { recursive: true, mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    throw new PostgresStartError('not-permitted', `Cannot make ${dataDir} (${error.code}).`, error)
  })
  await claim(ownerFile)
  try {
    await stopOrphan(clusterDir)
    const account = await chooseAccount(clusterDir)
    const major = options.major ?? shippedMajor
    const binDir = await prepareBinaries(major, dataDir, account)
    const passwordFile = path.join(dataDir, 'superuser-password')
    const password = await ensureCluster({ major, binDir, clusterDir, passwordFile, account })
    const port = options.port ?? (await freePort())
    const settings = { ...baseSettings, ...options.settings, port: String(port) }
    const child = await spawnPostgres({ binDir, clusterDir, logFile, account, settings })
    const exited = once(child, 'exit').then(() => rm(ownerFile, { force: true }))
    await waitUntilReady(child, clusterDir, logFile)
    const url = `postgres://${superuser}:${password}@${host}:${port}/postgres`
    return { url, port, binDir, pid: child.pid ?? 0, exited, stop: () => stop(child, exited) }
  } catch (error) {
    await rm(ownerFile, { force: true })
    throw error
  }
}

async function spawnPostgres(run: {
  readonly binDir: string
  readonly clusterDir: string
  readonly logFile: string
  readonly account: Account | undefined
  readonly settings: Readonly<Record<string, string>>
}): Promise<ChildProcess> {
  const { size } = await stat(run.logFile).catch(() => ({ size: 0 }))
  // Opened here: the unprivileged account need not be able to.
  const log = await open(run.logFile, size > logLimitBytes ? 'w' : 'a', 0o600)
  try {
    const flags = Object.entries(run.settings).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const child = spawn(
      path.join(run.binDir, 'postgres'),
      ['-D', dataArgument(run.clusterDir, run.account), ...flags],
      {
        cwd: run.clusterDir,
        env: cleanEnvironment,
        stdio: ['ignore', log.fd, log.fd],
        // Its own process group: Ctrl-C reaches Node, which stops Postgres last.
        detached: true,
        ...run.account,
      },
    )
    await once(child, 'spawn')
    return child
  } catch (error) {
    throw new PostgresStartError('failed', 'The Postgres binary does not run here.', error)
  } finally {
    await log.close()
  }
}

async function waitUntilReady(
  child: ChildProcess,
  clusterDir: string,
  logFile: string,
): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n')
      const quoted = lines.slice(-quotedLogLines).join('\n')
      throw new PostgresStartError('failed', `Postgres gave up at its start:\n${quoted}`)
    }
    const file = await readPostmasterFile(clusterDir)
    if (file?.pid === child.pid && file?.ready) return
    if (performance.now() > deadline) {
      child.kill('SIGQUIT')
      throw new PostgresStartError('failed', `Postgres was not ready in ${readyTimeoutMs} ms.`)
    }
    await delay(pollMs)
  }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return exited
  child.kill('SIGINT')
  const harder = setTimeout(() => child.kill('SIGQUIT'), fastShutdownMs)
  await exited
  clearTimeout(harder)
}
