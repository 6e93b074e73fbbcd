import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identifyProcess, isAlive } from './process-identity.ts'

const pollMs = 10
const shutdownMs = 15_000

/** What `postmaster.pid` says: the process, and whether it accepts connections. */
export async function readPostmasterFile(
  clusterDir: string,
): Promise<{ pid: number; ready: boolean } | undefined> {
  const text = await readFile(path.join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  // Line 8 is the status, padded: starting, stopping, ready or standby (pidfile.h).
  return { pid, ready: lines[7]?.trim() === 'ready' }
}

/**
 * Stops a Postgres that outlived its parent (kill -9), so that a new one can recover the cluster,
 * and waits for backends that outlived their postmaster.
 *
 * A pid file whose pid is a zombie's or another program's by now would keep Postgres from
 * starting; it is removed once nothing works in the cluster any more.
 */
export async function stopOrphan(clusterDir: string): Promise<void> {
  const file = await readPostmasterFile(clusterDir)
  if (!file) return
  if (process.platform !== 'linux') {
    if (isAlive(file.pid)) await signalUntilGone([file.pid])
    return
  }
  const before = await findProcessesIn(clusterDir)
  await signalUntilGone(before.includes(file.pid) ? [file.pid] : [])
  await signalUntilGone(await findProcessesIn(clusterDir))
  if (isAlive(file.pid)) await rm(path.join(clusterDir, 'postmaster.pid'), { force: true })
}

/** Every process of a cluster works in its directory; a zombie has none. */
async function findProcessesIn(clusterDir: string): Promise<number[]> {
  const cluster = await realpath(clusterDir)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const dirs = await Promise.all(
    pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => undefined)),
  )
  return pids.filter((_, index) => dirs[index] === cluster).map(Number)
}

/** Fast shutdown, then immediate, then none: Postgres recovers from each. */
async function signalUntilGone(pids: readonly number[]): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    for (const pid of pids) send(pid, signal)
    const deadline = performance.now() + shutdownMs
    while (await someAlive(pids)) {
      if (performance.now() > deadline) break
      await delay(pollMs)
    }
    if (!(await someAlive(pids))) return
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function someAlive(pids: readonly number[]): Promise<boolean> {
  const identities = await Promise.all(pids.map(identifyProcess))
  return identities.some((identity) => identity !== undefined)
}
